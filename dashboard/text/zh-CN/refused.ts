import type { texts as english } from "../en/refused.ts";
import type { Same } from "../keys.ts";

export const texts: Same<typeof english> = {
  title: "被拒绝的请求",
  lead: "在发送之前就被拒绝的请求：不产生费用，也不计入任何统计。保留 30 天。",
  logs: "已放行的请求",
  columns: { time: "时间", answer: "响应", model: "请求的模型", key: "密钥", why: "原因", client: "客户端" },
  filter: "ID，或模型名称的一部分",
  notRead: "未读取请求体",
  more: { one: "另有 {{ count }} 条相同", other: "另有 {{ count }} 条相同" },
  field: "字段：{{ field }}",
  request: "请求",
  id: "请求 ID",
  limit: "拒绝它的限额",
  facts: { when: "时间", organization: "组织", member: "成员", dialect: "协议格式", field: "字段" },
  said: "告知客户端的内容",
  notKept: "不予保留：其中可能引用所发送的内容或来源地址。客户端已收到该响应。",
  repeated: {
    one: "同一时刻另有 {{ count }} 条相同请求，没有单独的行。",
    other: "同一时刻另有 {{ count }} 条相同请求，没有单独的行。",
  },
  empty: "此时间段内没有被拒绝的请求",
  emptyHint: "没有此网关密钥的请求不属于任何人，不会出现在这里：原因见其自身的响应。",
};
