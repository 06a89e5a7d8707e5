using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace P6bNative.KernelCompiler.Tests;

/// <summary>The generator writes nothing anew while no kernel changes, so it does not slow typing down.</summary>
public class IncrementalTests
{
    private const string Kernel =
        "using P6bNative.Kernels.Language; static partial class K { [Kernel(1)] public static void Try(ArrayView<float> x) { x[0] = 1f; } }";

    [Fact]
    public void ChangeElsewhere_WritesNothingAnew() => Assert.All(
        Reasons("class A { }", "class A { int _b; }"),
        reason => Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged));

    [Fact]
    public void ChangeOfAKernel_WritesItsClassAnew()
    {
        string other = Kernel.Replace("K {", "L {", StringComparison.Ordinal);
        Assert.Contains(IncrementalStepRunReason.Modified, Reasons(other, other.Replace("1f", "2f", StringComparison.Ordinal)));
    }

    private static IncrementalStepRunReason[] Reasons(string before, string after)
    {
        var first = Translation.Compilation(Kernel).AddSyntaxTrees(Tree(before));
        var second = first.ReplaceSyntaxTree(first.SyntaxTrees.Last(), Tree(after));
        var options = new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true);
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new KernelGenerator().AsSourceGenerator()], driverOptions: options);
        driver = driver.RunGenerators(first, TestContext.Current.CancellationToken).RunGenerators(second, TestContext.Current.CancellationToken);
        return
        [
            .. driver.GetRunResult().Results.Single().TrackedOutputSteps.SelectMany(steps => steps.Value).SelectMany(step => step.Outputs)
                .Select(output => output.Reason),
        ];
    }

    private static SyntaxTree Tree(string text) => CSharpSyntaxTree.ParseText(text, cancellationToken: TestContext.Current.CancellationToken);
}
