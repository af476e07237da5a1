import type { texts as english } from "../en/audit.ts";
import type { Same } from "../keys.ts";

export const texts: Same<typeof english> = {
  title: "审计日志",
  lead: "谁更改了什么。记录以哈希链相连，篡改会被发现。",
  columns: { at: "时间", actor: "操作者", action: "操作", target: "对象", organization: "组织" },
  filters: { actor: "操作者 ID", action: "操作（key、key.revoke 等）", target: "对象 ID" },
  kinds: { user: "用户", key: "密钥", setup: "初始设置", other: "其他" },
  range: { "-1d": "最近 1 天", "-7d": "最近 7 天", "-30d": "最近 30 天", all: "全部" },
  export: "导出",
  verify: "校验哈希链",
  verified: { one: "完整：{{ count }} 行，哈希均正确。", other: "完整：{{ count }} 行，哈希均正确。" },
  broken: "在第 {{ row }} 行断开：该行或之前的某行被修改或删除。",
  empty: "此时段内没有更改。",
  widen: "查看全部",
  excluded: "没有符合筛选条件的更改。",
  row: "更改 {{ id }}",
  field: "字段",
  before: "之前",
  after: "之后",
  hash: "哈希",
  session: "会话",
  noFields: "此更改不涉及字段，操作本身已说明一切。",
};
