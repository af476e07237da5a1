/** The page of refused requests. */
export const texts = {
  title: "Refused requests",
  lead: "What was refused before it was sent anywhere: it cost nothing, and is in no statistic. Kept for 30 days.",
  logs: "Requests that were let through",
  columns: { time: "Time", answer: "Answer", model: "Model asked for", key: "Key", why: "Why", client: "Client" },
  filter: "An id, or a part of a model's name",
  notRead: "body not read",
  more: { one: "and {{ count }} more like it", other: "and {{ count }} more like it" },
  field: "Field: {{ field }}",
  request: "Request",
  id: "the request's id",
  limit: "The limit that refused it",
  facts: {
    when: "When",
    organization: "Organization",
    member: "Member",
    dialect: "Wire format",
    field: "Field",
  },
  said: "What the client was told",
  notKept: "Not kept: it may quote what was sent, or from where. The client has it.",
  repeated: {
    one: "{{ count }} more like it came within the same seconds and has no row.",
    other: "{{ count }} more like it came within the same seconds and have no rows.",
  },
  empty: "Nothing was refused in this window",
  emptyHint: "A request without a key of this gateway belongs to nobody and is not here: its own answer says why.",
} as const;
