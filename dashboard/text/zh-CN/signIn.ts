import type { texts as english } from "../en/signIn.ts";
import type { Same } from "../keys.ts";

export const texts: Same<typeof english> = {
  title: "登录",
  lead: "所有模型供应商之前的统一入口。",
  email: "电子邮箱",
  password: "密码",
  action: "登录",
  busy: "正在登录…",
  wait: "请等待 {{ seconds }} 秒",
  oidc: "使用身份提供商登录",
  access: "使用 Cloudflare Access 登录",
  local: "在您自己的机器上，邮箱和密码显示在启动网关的终端里。",
  or: "或",
  invite: {
    title: "您已受邀",
    lead: "设置密码即可加入。",
    name: "您的姓名",
    nameHint: "其他人看到的名称。如果您已有账户，则保持不变。",
    passwordHint: "设置新密码；如果您在此已有账户，请输入现有密码。",
    action: "接受并登录",
  },
  reset: {
    title: "设置新密码",
    lead: "您的所有会话都会结束。",
    password: "新密码",
    action: "设置",
    done: "密码已设置。",
  },
};
