import ts from "typescript";

/** Writes one section per exported declaration, in Markdown. */
export class Page {
  constructor(
    private readonly checker: ts.TypeChecker,
    private readonly sdk: string,
    private readonly exported: ReadonlyMap<string, unknown>,
  ) {}

  section(level: string, name: string, declaration: ts.Declaration): string {
    const parts = [`${level} ${name}`, this.text(declaration)];
    if (ts.isClassDeclaration(declaration)) parts.push(...this.ofClass(declaration));
    else if (ts.isInterfaceDeclaration(declaration)) parts.push(this.args(declaration));
    else parts.push(code(declaration.getText()));
    return `${parts.filter(Boolean).join("\n\n")}\n`;
  }

  private ofClass(declaration: ts.ClassDeclaration): string[] {
    const constructors = declaration.members.filter(ts.isConstructorDeclaration);
    const signatures = constructors.map(
      ({ parameters }) => `new ${declaration.name?.text}(${this.parameters(parameters)})`,
    );
    const members = this.members(declaration).filter((member) => !hidden(member));
    const properties = members.filter((member) => !ts.isMethodDeclaration(member));
    const methods = declaration.members.filter(ts.isMethodDeclaration).filter((member) => !hidden(member));
    const rows = properties.map((member) => [nameOf(member), this.type(typeOf(member)), this.text(member)]);
    return [
      code(signatures.join("\n")),
      rows.length > 0 ? table(["Property", "Type", "Meaning"], rows) : "",
      ...methods.map(
        (method) => `\`${this.signature(method, declaration.name?.text)}\`: ${this.text(method)}`,
      ),
    ];
  }

  private signature(method: ts.MethodDeclaration, className: string | undefined): string {
    const isStatic = ts.getCombinedModifierFlags(method) & ts.ModifierFlags.Static;
    const name = `${isStatic ? `${className}.` : ""}${method.name.getText()}`;
    const returned = method.type ? `: ${this.type(method.type)}` : "";
    return `${name}(${this.parameters(method.parameters)})${returned}`;
  }

  private parameters(parameters: readonly ts.ParameterDeclaration[]): string {
    return parameters
      .map((one) => `${one.name.getText()}${optional(one) ? "?" : ""}: ${this.type(one.type)}`)
      .join(", ");
  }

  private args(declaration: ts.InterfaceDeclaration): string {
    const rows = this.members(declaration).map((member) => {
      const fallback = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
      const words = ts.getTextOfJSDocComment(fallback?.comment) ?? "";
      const value = /^(["[\d]|true$|false$)/.test(words) ? `\`${words}\`` : this.links(words);
      return [
        nameOf(member),
        this.type(typeOf(member)),
        optional(member) ? value : "**required**",
        this.text(member),
      ];
    });
    return table(["Argument", "Type", "Default", "Meaning"], rows);
  }

  /** Own and inherited members, as far as they are declared in sdk/. */
  private members(declaration: ts.Declaration): ts.Declaration[] {
    const type = this.checker.getTypeAtLocation(declaration);
    return type
      .getProperties()
      .flatMap((property) => property.declarations?.slice(0, 1) ?? [])
      .filter((member) => member.getSourceFile().fileName.startsWith(this.sdk));
  }

  /** A type as a user writes it: without `Input` and `Output`, which the introduction speaks of. */
  private type(node: ts.TypeNode | undefined): string {
    if (!node) return "";
    if (ts.isTypeReferenceNode(node) && /^(pulumi\.)?(Input|Output)$/.test(node.typeName.getText())) {
      return this.type(node.typeArguments?.[0]);
    }
    if (ts.isArrayTypeNode(node)) {
      const element = this.type(node.elementType);
      return element.includes(" ") ? `(${element})[]` : `${element}[]`;
    }
    if (ts.isUnionTypeNode(node)) return node.types.map((one) => this.type(one)).join(" | ");
    if (ts.isParenthesizedTypeNode(node)) return this.type(node.type);
    if (ts.isTypeReferenceNode(node) && node.typeArguments) {
      return `${node.typeName.getText()}<${node.typeArguments.map((one) => this.type(one)).join(", ")}>`;
    }
    return node.getText().replace(/\s+/g, " ");
  }

  private text(node: ts.Declaration): string {
    const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
    const tags = ts.getJSDocTags(node).filter(({ tagName }) => tagName.text === "throws");
    const errors = tags.map((tag) => `Error: ${ts.getTextOfJSDocComment(tag.comment)}`);
    const text = [ts.getTextOfJSDocComment(comment?.comment) ?? "", ...errors];
    return this.links(text.filter(Boolean).join("\n\n"));
  }

  private links(text: string): string {
    return text.replace(/\{@link\s+(\w+)\s*\}/g, (_, name: string) =>
      this.exported.has(name) ? `[\`${name}\`](#${name.toLowerCase()})` : `\`${name}\``,
    );
  }
}

function nameOf(member: ts.Declaration): string {
  return (member as ts.PropertySignature).name.getText();
}

function typeOf(member: ts.Declaration): ts.TypeNode | undefined {
  return (member as ts.PropertySignature).type;
}

function optional(member: ts.Declaration): boolean {
  const { questionToken, initializer } = member as ts.ParameterDeclaration;
  return Boolean(questionToken ?? initializer);
}

function hidden(member: ts.Declaration): boolean {
  const { Private, Protected } = ts.ModifierFlags;
  const internal = ts.getJSDocTags(member).some(({ tagName }) => tagName.text === "internal");
  return internal || Boolean(ts.getCombinedModifierFlags(member) & (Private | Protected));
}

function code(text: string): string {
  return text && `\`\`\`ts\n${text}\n\`\`\``;
}

/** The second column is code. */
function table(header: string[], rows: string[][]): string {
  const cell = (text: string) =>
    text
      .replaceAll("|", "\\|")
      .replace(/\n\n/g, "<br>")
      .replace(/\s*\n\s*/g, " ");
  const lines = rows.map(([name, type, ...rest]) => [`\`${name}\``, `\`${type}\``, ...rest].map(cell));
  return [header, header.map(() => "---"), ...lines].map((line) => `| ${line.join(" | ")} |`).join("\n");
}
