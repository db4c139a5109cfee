/**
 * Writes docs/reference.md from the doc comments of what sdk/index.ts exports.
 *
 * Our own and not TypeDoc with its Markdown plugin: those make a tree of pages with a signature per heading, where
 * a reader wants one table per resource (argument, type, default, meaning); and the compiler is here already.
 */
import { writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import ts from "typescript";
import { Page } from "./page.js";

const INTRODUCTION = `# Reference

Everything that \`pulumi-mooring\` exports. Every argument takes a value, a promise or an output, unless it is a
\`Host\`. Sizes are strings with binary units (\`"4GiB"\`), durations are strings (\`"30s"\`). Every resource and
component also takes Pulumi's resource options.

This file is made from the doc comments in \`sdk/\` by \`npm run docs\`.
`;

/** The whole page. `root` is the package's directory. */
export function reference(root: string): string {
  const sdk = join(root, "sdk") + sep;
  const { checker, index } = load(join(sdk, "index.ts"));
  const declarations = new Map<string, ts.Declaration>();
  for (const exported of checker.getExportsOfModule(index)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const declaration = symbol.declarations?.[0];
    if (!declaration) throw new Error(`sdk/index.ts exports ${exported.name}, which is declared nowhere`);
    declarations.set(exported.name, declaration);
  }
  const classes = [...declarations].filter(([, declaration]) => ts.isClassDeclaration(declaration));
  const argumentsOf = new Map(
    classes.map(([name, declaration]) => [name, argsName(declaration as ts.ClassDeclaration)]),
  );
  const withClass = new Set(argumentsOf.values());
  const page = new Page(checker, sdk, declarations);

  const sections = [INTRODUCTION];
  const others = [...declarations].filter(([name]) => !argumentsOf.has(name) && !withClass.has(name));
  for (const [name, declaration] of [...classes, ...others]) {
    sections.push(page.section("##", name, declaration));
    const args = argumentsOf.get(name);
    const argsDeclaration = args && declarations.get(args);
    if (argsDeclaration) sections.push(page.section("###", args, argsDeclaration));
  }
  return sections.join("\n");
}

function load(file: string): { checker: ts.TypeChecker; index: ts.Symbol } {
  // Only the sources of sdk/, and `Omit`: the page must not depend on which version of Pulumi's types is installed.
  const options: ts.CompilerOptions = {
    lib: ["lib.es5.d.ts"],
    types: [],
    target: ts.ScriptTarget.ES2022,
  };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => {
      if (!text.startsWith(".")) return { resolvedModule: undefined };
      const resolvedFileName = join(from, "..", text.replace(/(\.js)?$/, ".ts"));
      return { resolvedModule: { resolvedFileName, extension: ".ts" } };
    });
  const program = ts.createProgram([file], options, host);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const index = source && checker.getSymbolAtLocation(source);
  if (!index) throw new Error(`${file} exports nothing`);
  return { checker, index };
}

function argsName(declaration: ts.ClassDeclaration): string | undefined {
  const constructors = declaration.members.filter(ts.isConstructorDeclaration);
  const types = constructors.flatMap(({ parameters }) => parameters.map(({ type }) => type?.getText() ?? ""));
  return types.find((type) => type.endsWith("Args"));
}

if (require.main === module) {
  const root = join(__dirname, "..", "..", "..");
  writeFile(join(root, "docs", "reference.md"), reference(root)).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
