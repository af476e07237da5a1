import type { texts as english } from "../en/jump.ts";
import type { Same } from "../keys.ts";

export const texts: Same<typeof english> = {
  placeholder: "页面、操作、名称或 ID",
  recent: "最近查看",
  pages: "页面",
  actions: "操作",
  found: "搜索结果",
  nothing: "没有同名的内容。",
  secret: "这是一个完整的密钥，不会用来搜索。请搜索它的名称，或开头和末尾的几个字符。",
  kinds: { key: "密钥", organization: "组织", member: "成员", route: "路由", model: "模型" },
  open: {
    request: "打开请求 {{ id }}",
    key: "打开密钥 {{ id }}",
    organization: "打开组织 {{ id }}",
    member: "打开成员 {{ id }}",
    route: "打开路由 {{ id }}",
    limit: "打开限额 {{ id }}",
  },
  make: { key: "创建密钥", people: "邀请成员", organization: "创建组织", route: "创建路由" },
  rows: { normal: "行高：标准", compact: "行高：紧凑", cosy: "行高：宽松" },
  lettersOff: "单字母快捷键：关闭",
  lettersOn: "单字母快捷键：开启",
  help: {
    page: "本页",
    everywhere: "所有页面",
    pages: "前往页面",
    letters: "使用单字母快捷键",
    lettersHint: "使用语音输入时请关闭。{{ keys }} 这样的组合键不受影响。",
    isOff: "已关闭",
    followedBy: "然后",
  },
};
