import type { Drawing } from "./icon.tsx";

/** Lucide's files hold what an icon is drawn of, too; its types tell of the component only, which is far larger. */
declare module "lucide-solid/icons/activity" {
  const __iconNode: Drawing;
}
declare module "lucide-solid/icons/building" {
  const __iconNode: Drawing;
}
declare module "lucide-solid/icons/chart-no-axes-column" {
  const __iconNode: Drawing;
}
declare module "lucide-solid/icons/gauge" {
  const __iconNode: Drawing;
}
declare module "lucide-solid/icons/key-round" {
  const __iconNode: Drawing;
}
declare module "lucide-solid/icons/layers" {
  const __iconNode: Drawing;
}
declare module "lucide-solid/icons/list" {
  const __iconNode: Drawing;
}
declare module "lucide-solid/icons/message-square" {
  const __iconNode: Drawing;
}
declare module "lucide-solid/icons/rocket" {
  const __iconNode: Drawing;
}
declare module "lucide-solid/icons/scroll-text" {
  const __iconNode: Drawing;
}
declare module "lucide-solid/icons/settings" {
  const __iconNode: Drawing;
}
declare module "lucide-solid/icons/split" {
  const __iconNode: Drawing;
}
declare module "lucide-solid/icons/tags" {
  const __iconNode: Drawing;
}
declare module "lucide-solid/icons/users" {
  const __iconNode: Drawing;
}
