import { join } from "node:path";
import { isTypeAliasDeclaration } from "typescript/unstable/ast/is";
import { API, SymbolFlags, type Type, TypeFlags } from "typescript/unstable/sync";
import type { Shape, Variants } from "./shape.ts";

/** The members that the SDKs' own types document, read with TypeScript's checker, held against a tree of shapes. */

const ROOT = join(import.meta.dirname, "../../..");
const FILE = join(import.meta.dirname, "documented-types.ts");

/** What is no structure of its own. */
const PLAIN =
  TypeFlags.Undefined |
  TypeFlags.Null |
  TypeFlags.StringLike |
  TypeFlags.NumberLike |
  TypeFlags.BooleanLike |
  TypeFlags.Unknown |
  TypeFlags.Any;

export class SdkTypes {
  readonly #api = new API({ cwd: ROOT });
  readonly #project;
  /** Members that were looked at. */
  members = 0;

  constructor() {
    const snapshot = this.#api.updateSnapshot({ openProjects: [join(ROOT, "test/tsconfig.json")] });
    const [project] = snapshot.getProjects();
    if (project === undefined) throw new Error("the tests' project did not open");
    this.#project = project;
  }

  close(): void {
    this.#api.close();
  }

  /** A type that `documented-types.ts` exports. */
  typeOf(name: string): Type {
    const { program, checker } = this.#project;
    const alias = program
      .getSourceFile(FILE)
      ?.statements.find((one) => isTypeAliasDeclaration(one) && one.name.text === name);
    const type =
      alias !== undefined && isTypeAliasDeclaration(alias) ? checker.getTypeAtLocation(alias.name) : undefined;
    if (type === undefined) throw new Error(`${name} is no type of documented-types.ts`);
    return type;
  }

  /** The parts of a union; of anything else, itself. */
  #parts(type: Type): Type[] {
    if ((type.flags & TypeFlags.Union) === 0) return [type];
    return ((type as Type & { getTypes(): readonly Type[] }).getTypes() ?? []).flatMap((one) => this.#parts(one));
  }

  /** The object types in a type, with those that stand in arrays apart. */
  #objects(type: Type): { one: Type[]; many: Type[] } {
    const { checker } = this.#project;
    const found: { one: Type[]; many: Type[] } = { one: [], many: [] };
    for (const part of this.#parts(type)) {
      if ((part.flags & PLAIN) !== 0 || this.#isText(part)) continue;
      if (checker.isArrayType(part)) {
        for (const element of checker.getTypeArguments(part as never)) {
          const inner = this.#objects(element);
          found.many.push(...inner.one, ...inner.many);
        }
      } else if (checker.getPropertiesOfType(part).length > 0) found.one.push(part);
    }
    return found;
  }

  /** `string & {}`, which some SDKs write for an open enumeration. */
  #isText(type: Type): boolean {
    if ((type.flags & TypeFlags.Intersection) === 0) return false;
    const parts = (type as Type & { getTypes(): readonly Type[] }).getTypes();
    return parts.some((part) => (part.flags & TypeFlags.StringLike) !== 0);
  }

  #literals(type: Type, name: string): string[] {
    const { checker } = this.#project;
    const member = checker.getPropertyOfType(type, name);
    const told = member === undefined ? undefined : checker.getTypeOfSymbol(member);
    if (told === undefined) return [];
    return this.#parts(told).flatMap((part) =>
      (part.flags & TypeFlags.StringLiteral) === 0 ? [] : [String((part as Type & { value: string }).value)],
    );
  }

  /** The variants a type stands for: by `type`, else by `role`, else the one. */
  #variantsOf(type: Type): string[] {
    const types = this.#literals(type, "type");
    if (types.length > 0) return types;
    const roles = this.#literals(type, "role");
    return roles.length > 0 ? roles : [""];
  }

  /** What the types document and the shape lacks, as paths; and what the shape has beyond them. */
  compare(name: string, shape: Shape): { lacking: string[]; beyond: string[] } {
    const lacking: string[] = [];
    const known = new Map<Shape, Set<string>>();
    this.#object([this.typeOf(name)], shape, "", lacking, known);
    const beyond: string[] = [];
    this.#beyond(shape, "", known, beyond, new Set());
    return { lacking, beyond };
  }

  #object(types: readonly Type[], shape: Shape, path: string, lacking: string[], known: Map<Shape, Set<string>>): void {
    const { checker } = this.#project;
    const names = known.get(shape) ?? new Set<string>();
    known.set(shape, names);
    for (const type of types) {
      for (const member of checker.getPropertiesOfType(type)) {
        this.members++;
        const at = path === "" ? member.name : `${path}.${member.name}`;
        const field = shape.fields[member.name];
        names.add(member.name);
        if (field === undefined) lacking.push(at);
        if (field === undefined || field.opaque === true || field.fixed === true) continue;
        const told = checker.getTypeOfSymbol(member);
        if (told === undefined) continue;
        if ((member.flags & SymbolFlags.Method) !== 0) continue;
        const { one, many } = this.#objects(told);
        this.#variants(one, field.one, at, lacking, known);
        this.#variants(many, field.many, `${at}[]`, lacking, known);
      }
    }
  }

  #variants(
    types: readonly Type[],
    shapes: Variants | undefined,
    path: string,
    lacking: string[],
    known: Map<Shape, Set<string>>,
  ): void {
    const byVariant = new Map<string, Type[]>();
    for (const type of types) {
      for (const variant of this.#variantsOf(type)) byVariant.set(variant, [...(byVariant.get(variant) ?? []), type]);
    }
    for (const [variant, held] of byVariant) {
      // A lone variant needs no name; nor do objects that are one thing whatever they call themselves.
      const shape = shapes?.[variant] ?? shapes?.[""] ?? shapes?.["*"];
      const at = variant === "" ? path : `${path}<${variant}>`;
      if (shape === undefined) lacking.push(at);
      else if (shape.opaque !== true) this.#object(held, shape, at, lacking, known);
    }
  }

  #beyond(shape: Shape, path: string, known: Map<Shape, Set<string>>, beyond: string[], seen: Set<Shape>): void {
    if (seen.has(shape) || shape.opaque === true) return;
    seen.add(shape);
    // A place of our own among the SDK's variants: the same members elsewhere in the conversation.
    if (!known.has(shape)) return;
    for (const [name, field] of Object.entries(shape.fields)) {
      const at = path === "" ? name : `${path}.${name}`;
      if (known.get(shape)?.has(name) !== true && field.convention !== true) beyond.push(at);
      if (field.convention === true) continue;
      for (const [variant, inner] of Object.entries({ ...field.one, ...field.many })) {
        this.#beyond(inner, `${at}<${variant}>`, known, beyond, seen);
      }
    }
  }
}
