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
            .Where(path => Path.GetFileName(path) is "System.Runtime.dll" or "System.Collections.dll" or "System.Private.CoreLib.dll")
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
        CSharpCompilation compilation = Compilation(Usings + source);
        GeneratorDriver driver = CSharpGeneratorDriver.Create(new KernelGenerator());
        driver.RunGeneratorsAndUpdateCompilation(
            compilation, out Compilation output, out ImmutableArray<Diagnostic> diagnostics, TestContext.Current.CancellationToken);
        return new Translation(output, diagnostics);
    }

    /// <summary>What C# makes of a file, before the generator.</summary>
    public static CSharpCompilation Compilation(string source) => CSharpCompilation.Create(
        // The name lets it see the internal types that generated code uses.
        typeof(Translation).Assembly.GetName().Name,
        [CSharpSyntaxTree.ParseText(source, path: "Test.cs", cancellationToken: TestContext.Current.CancellationToken)],
        _references,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release)
            .WithNullableContextOptions(NullableContextOptions.Enable));

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

    /// <summary>The launch overload of a kernel of class K.</summary>
    public MethodInfo LaunchOverload(string name) =>
        Load().GetType("Test.K")!.GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            .Single(method => method.Name == name && method.GetParameters()[0].ParameterType == typeof(GpuDevice));

    /// <summary>The catalog of all kernels.</summary>
    public IReadOnlyList<KernelDescription> Catalog() =>
        (IReadOnlyList<KernelDescription>)Load().GetType("P6bNative.Kernels.Gpu.KernelCatalog")!.GetProperty("All")!.GetValue(null)!;

    private string Text(string name)
    {
        Assert.Empty(Diagnostics);
        SyntaxNode root = _compilation.SyntaxTrees.Single(tree => Path.GetFileName(tree.FilePath) == "Test.K.g.cs").GetRoot();
        var field = root.DescendantNodes().OfType<VariableDeclaratorSyntax>().Single(field => field.Identifier.Text == name);
        return ((LiteralExpressionSyntax)field.Initializer!.Value).Token.ValueText;
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
