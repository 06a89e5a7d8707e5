using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace P6bNative.KernelCompiler;

/// <summary>
/// Adds to every class with <c>[Kernel]</c> methods the text of its program for OpenCL C and CUDA C, a launch overload per kernel, and to the
/// assembly the catalog of all kernels. What is outside the language is an error at its line.
/// </summary>
[Generator]
public sealed class KernelGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<KernelModel> kernels = context.SyntaxProvider.ForAttributeWithMetadataName(
            TypeNames.LanguageNamespace + ".KernelAttribute",
            (node, _) => node is MethodDeclarationSyntax,
            (found, _) => KernelTranslator.Translate(
                found.SemanticModel.Compilation, (IMethodSymbol)found.TargetSymbol, GroupSize(found.Attributes[0])));
        context.RegisterSourceOutput(kernels, Report);
        context.RegisterSourceOutput(kernels.Collect().Select((all, _) => new EquatableArray<KernelModel>(all)), Generate);
    }

    private static int GroupSize(AttributeData attribute) =>
        attribute.ConstructorArguments.Length == 1 && attribute.ConstructorArguments[0].Value is int size ? size : 0;

    private static void Report(SourceProductionContext context, KernelModel kernel)
    {
        foreach (Refusal refusal in kernel.Refusals)
            context.ReportDiagnostic(refusal.ToDiagnostic());
    }

    private static void Generate(SourceProductionContext context, EquatableArray<KernelModel> kernels)
    {
        ProgramModel[] programs = [.. kernels.GroupBy(kernel => (kernel.Namespace, kernel.ClassName)).Select(group => new ProgramModel([.. group]))];
        foreach (ProgramModel program in programs)
            context.AddSource(program.FullName + ".g.cs", LauncherWriter.Write(program));
        context.AddSource("KernelCatalog.g.cs", CatalogWriter.Write(programs));
    }
}
