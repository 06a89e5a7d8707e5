using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.KernelCompiler.Tests;

/// <summary>C# source compiled in memory with the generator.</summary>
internal sealed class Translation
{
    /// <summary>Lines before the source, for messages.</summary>
    public const int LinesBefore = 3;

    private const string Usings =
        """
        using P6bNative.Kernels.Language;

        namespace Test;

        """;

    private static readonly ImmutableArray<MetadataReference> _references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is "System.Runtime.dll" or "System.Collections.dll" or "System.Linq.dll" or "System.Private.CoreLib.dll")
            .Append(typeof(ArrayView<>).Assembly.Location)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private readonly Compilation _compilation;

    private Translation(Compilation compilation, ImmutableArray<Diagnostic> diagnostics) => (_compilation, Diagnostics) = (compilation, diagnostics);

    /// <summary>What the generator refused.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; }

    /// <summary>Compiles a file that begins after its usings and namespace.</summary>
    public static Translation Of(string source)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(Usings + source, path: "Test.cs", cancellationToken: TestContext.Current.CancellationToken);
        // The name lets it see the internal types that generated code uses.
        var compilation = CSharpCompilation.Create(
            typeof(Translation).Assembly.GetName().Name, [tree], _references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, optimizationLevel: OptimizationLevel.Release));
        GeneratorDriver driver = CSharpGeneratorDriver.Create(new KernelGenerator());
        driver.RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out ImmutableArray<Diagnostic> diagnostics, TestContext.Current.CancellationToken);
        return new Translation(output, diagnostics);
    }

    /// <summary>The program of kernel class K, in a class whose members are <paramref name="members"/>; nothing may be refused.</summary>
    public static Translation OfClass(string members) => Of($"internal static partial class K\n{{\n{members}\n}}");

    /// <summary>OpenCL C text of class K, prelude included.</summary>
    public string OpenCl => Text("OpenCl");

    /// <summary>CUDA C text of class K, prelude included.</summary>
    public string Cuda => Text("Cuda");

    /// <summary>What the generator says of a kernel.</summary>
    public KernelDescription Kernel(string name, string className = "K") =>
        (KernelDescription)Load().GetType($"Test.{className}Program")!.GetField(name)!.GetValue(null)!;

    /// <summary>The C# method.</summary>
    public MethodInfo Method(string name, string className = "K") =>
        Load().GetType($"Test.{className}")!.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Single(method => method.Name == name && method.GetParameters().All(parameter => parameter.ParameterType != typeof(GpuDevice)));

    private string Text(string name)
    {
        Assert.Empty(Diagnostics);
        return ((LiteralExpressionSyntax)_compilation.SyntaxTrees.Single(tree => Path.GetFileName(tree.FilePath) == "K.g.cs").GetRoot().DescendantNodes()
            .OfType<VariableDeclaratorSyntax>().Single(field => field.Identifier.Text == name).Initializer!.Value).Token.ValueText;
    }

    private Assembly Load()
    {
        if (_assembly is not null)
            return _assembly;
        using var stream = new MemoryStream();
        var result = _compilation.Emit(stream, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
        stream.Position = 0;
        return _assembly = new AssemblyLoadContext("Kernels", isCollectible: true).LoadFromStream(stream);
    }

    private Assembly? _assembly;
}
