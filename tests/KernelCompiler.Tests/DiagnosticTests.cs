using Microsoft.CodeAnalysis;

namespace P6bNative.KernelCompiler.Tests;

/// <summary>Each refusal, with its number, at its line.</summary>
public class DiagnosticTests
{
    /// <summary>Number, text of the marked line, statements of a kernel.</summary>
    public static TheoryData<string, string, string> Statements() => new()
    {
        { "P6K005", "LocalMemory.Allocate<long>", "int j = i;\nvar a = LocalMemory.Allocate<long>(4);" },
        { "P6K005", "x.Cast<byte>()", "x.Cast<byte>()[0] = 1;" },
        { "P6K008", "double d", "double d = 0.5;" },
        { "P6K008", "2.0 * f", "x[0] = f;\nx[1] = (float)(2.0 * f);" },
        { "P6K008", "byte b", "byte b = 3;" },
        { "P6K008", "string s", "string s = \"a\";" },
        { "P6K008", "(short)i", "x[0] = (short)i;" },
        { "P6K009", "System.Threading.Thread.Yield", "System.Threading.Thread.Yield();" },
        { "P6K009", "f.ToString()", "f.ToString();" },
        { "P6K009", "Try(x, 1, 2, f)", "Try(x, 1, 2, f);" },
        { "P6K010", "System.MathF.Exp(f)", "x[0] = System.MathF.Exp(f);" },
        { "P6K010", "System.Math.Max(i, 1)", "i = System.Math.Max(i, 1);" },
        { "P6K011", "Endless(i - 1)", "i = Endless(i);" },
        { "P6K012", "System.Func<int> g", "System.Func<int> g = () => 1;" },
        { "P6K012", "int Local()", "int Local() => 1;" },
        { "P6K012", "Local()", "x[0] = Local();\nstatic float Local() { return 1f; }" },
        { "P6K013", "try", "try { x[0] = f; } finally { x[1] = f; }" },
        { "P6K013", "throw", "if (i < 0)\n    throw null!;" },
        { "P6K013", "throw null!", "x[0] = i > 0 ? f : throw null!;" },
        { "P6K014", "switch", "switch (i) { case 0: x[0] = f; break; }" },
        { "P6K014", "goto", "again: i = i - 1;\nif (i > 0) goto again;" },
        { "P6K014", "foreach", "foreach (int k in new int[3]) x[k] = f;" },
        { "P6K015", "f % 2f", "x[0] = f % 2f;" },
        { "P6K015", "f %= 2f", "f %= 2f;" },
        { "P6K015", "i switch", "x[0] = i switch { 0 => 1f, _ => 2f };" },
        { "P6K015", "ref float r", "ref float r = ref f;\nr = 1f;" },
        { "P6K015", "(i, n) = (n, i)", "(i, n) = (n, i);" },
        { "P6K015", "i is 3", "if (i is 3)\n    x[0] = f;" },
        { "P6K016", "i = 3", "x[0] = i = 3;" },
        { "P6K016", "i++", "x[i++] = f;" },
        { "P6K016", "Set(x, i)", "x[0] = 1f + Set(x, i);" },
        { "P6K016", "Set(x, 1)", "x[i] = Set(x, 1);" },
        { "P6K016", "Set(x, 2)", "if (Set(x, 2) > 0f)\n    x[0] = f;" },
        { "P6K016", "Waits()", "f = f + Waits();" },
        { "P6K016", "Twice(ref f)", "f = f + Twice(ref f);" },
        { "P6K016", "Set(x, 4)", "f = Pure(Set(x, 4));" },
        { "P6K017", "i)", "var a = LocalMemory.Allocate<float>(i);" },
        { "P6K017", "i]", "var a = new float[i];" },
        { "P6K018", "SharedMemory.Allocate<float>(4)", "if (i > 0)\n{\n    var a = SharedMemory.Allocate<float>(4);\n}" },
        { "P6K018", "SharedMemory.Allocate<float>(5)", "Shares();" },
        { "P6K018", "LocalMemory.Allocate<float>(6)", "Set(LocalMemory.Allocate<float>(6), 1);" },
        { "P6K019", "x.Length", "i = (int)x.Length;" },
        { "P6K019", "v;", "ArrayView<float> v;\nv = x;" },
        { "P6K019", "v = x", "var v = LocalMemory.Allocate<float>(4);\nv = x;" },
        { "P6K019", "i > 0 ? x : a", "var a = LocalMemory.Allocate<float>(4);\nvar v = i > 0 ? x : a;" },
        { "P6K019", "default", "ArrayView<float> v = default;" },
        { "P6K019", "Part(x)", "Part(x);" },
        { "P6K020", "i + 1", "n = checked(i + 1);" },
        { "P6K020", "(int)f", "n = checked((int)f);" },
        { "P6K020", "i += n", "checked { i += n; }" },
        { "P6K021", "Mutable", "x[0] = Mutable;" },
        { "P6K021", "Computed", "x[0] = Computed;" },
        { "P6K021", "Mutable", "Mutable = 1f;" },
        { "P6K021", "Other.Set", "x[0] = Other.Set;" },
        { "P6K022", "x[0]", "Twice(ref x[0]);" },
        { "P6K022", "_", "Out(out _);" },
        { "P6K025", "Group.Barrier();", "if (Group.IdxX < 16)\n    Group.Barrier();" },
        { "P6K025", "Group.Barrier();", "int item = Grid.IdxX * 64 + Group.IdxX;\nif (item >= n)\n    return;\nGroup.Barrier();" },
        { "P6K025", "Group.Barrier();", "for (int k = Group.IdxX; k < n; k += 64)\n    Group.Barrier();" },
        { "P6K025", "Group.Barrier();", "int k = 0;\nif (Group.IdxX > 3)\n    k = n;\nif (k > 0)\n    Group.Barrier();" },
        { "P6K025", "Group.Barrier();", "for (int k = 0; k < n; k++)\n{\n    Group.Barrier();\n    if (x[Group.IdxX] > f)\n        break;\n}" },
        { "P6K025", "Group.Barrier();", "for (int k = 0; k < n; k++)\n{\n    if (x[Group.IdxX] > f)\n        continue;\n    Group.Barrier();\n}" },
        { "P6K025", "Waits();", "if (Item() > 3)\n    f = Waits();" },
        { "P6K025", "Group.Barrier(); // some", "WaitsIf(Group.IdxX);" },
        { "P6K025", "Group.Barrier();", "Step(out int k);\nwhile (k < n)\n{\n    Group.Barrier();\n    k++;\n}" },
    };

    [Theory]
    [MemberData(nameof(Statements))]
    public void Statement_IsRefused(string id, string at, string statements)
    {
        string source =
            $$"""
            internal static partial class K
            {
                private static float Mutable = 1f;
                private static readonly float Computed = System.MathF.Exp(1f);

                [Kernel(64)]
                public static void Try(ArrayView<float> x, int i, int n, float f)
                {
                    {{statements}}
                }

                private static int Endless(int i) => i > 0 ? Endless(i - 1) : 0;

                private static float Pure(float f) => f;

                private static float Set(ArrayView<float> x, int i)
                {
                    x[i] = 1f;
                    return 2f;
                }

                private static float Waits()
                {
                    Group.Barrier();
                    return 1f;
                }

                private static float Twice(ref float f)
                {
                    f *= 2f;
                    return f;
                }

                private static void Out(out int i)
                {
                    i = 0;
                }

                private static int Item() => Group.IdxX % 8;

                private static void WaitsIf(int k)
                {
                    if (k > 0)
                        Group.Barrier(); // some
                }

                private static void Step(out int k)
                {
                    k = Item();
                }

                private static void Shares()
                {
                    var a = SharedMemory.Allocate<float>(5);
                    a[0] = 1f;
                }

                private static ArrayView<float> Part(ArrayView<float> x) => x;

                private static class Other
                {
                    public static readonly float Set = 1f;

                    static Other() => Set = 2f;
                }
            }
            """;
        AssertRefused(source, id, at);
    }

    /// <summary>Number, text of the marked line, a whole file.</summary>
    public static TheoryData<string, string, string> Files() => new()
    {
        { "P6K001", "int Try", "internal static partial class K\n{\n    [Kernel(64)]\n    public static int Try() => 1;\n}" },
        { "P6K001", "void Try", "internal partial class K\n{\n    [Kernel(64)]\n    public void Try() { }\n}" },
        { "P6K002", "void Try", "internal static class K\n{\n    [Kernel(64)]\n    public static void Try() { }\n}" },
        { "P6K002", "void Try", "internal static partial class Outer\n{\n    internal static partial class K\n    {\n        [Kernel(64)]\n"
            + "        public static void Try() { }\n    }\n}" },
        { "P6K003", "void Try", "internal static partial class K\n{\n    [Kernel(64)]\n    public static void Try<T>(ArrayView<float> x) { }\n}" },
        { "P6K003", "Same(1)", "internal static partial class K\n{\n    [Kernel(64)]\n    public static void Try(ArrayView<int> x)\n    {\n"
            + "        x[0] = Same(1);\n    }\n\n    static T Same<T>(T value) => value;\n}" },
        { "P6K004", "bool b", Kernel("bool b") },
        { "P6K004", "double d", Kernel("double d") },
        { "P6K004", "float[] a", Kernel("float[] a") },
        { "P6K004", "ref int i", Kernel("ref int i") },
        { "P6K005", "ArrayView<double> x", Kernel("ArrayView<double> x") },
        { "P6K005", "ArrayView<ulong> x", Kernel("ArrayView<ulong> x") },
        { "P6K006", "void Try", Kernel(string.Join(", ", Enumerable.Range(0, 25).Select(i => $"int i{i}"))) },
        { "P6K007", "void Try", Kernel("int i").Replace("64", "0", StringComparison.Ordinal) },
        { "P6K007", "void Try", Kernel("int i").Replace("64", "2048", StringComparison.Ordinal) },
        { "P6K023", "void Try(int i)", "internal static partial class K\n{\n    [Kernel(64)]\n    public static void Try(int i) { }\n\n"
            + "    [Kernel(64)]\n    public static void Try(float f) { }\n}" },
        { "P6K024", "SpecializedValue<float> v", Kernel("SpecializedValue<float> v") },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void File_IsRefused(string id, string at, string source) => AssertRefused(source, id, at);

    [Fact]
    public void HelperOfAnotherFile_IsRefusedThere()
    {
        const string Source =
            """
            internal static partial class K
            {
                [Kernel(64)]
                public static void Try(ArrayView<float> x, SpecializedValue<int> width) => Other.Write(x, width);
            }

            internal static class Other
            {
                public static void Write(ArrayView<float> x, SpecializedValue<int> width)
                {
                    x[0] = 0.5f * (float)System.Math.Sqrt(2.0);
                }
            }
            """;
        var refusals = Translation.Of(Source).Diagnostics;
        Assert.Contains(refusals, refusal => refusal.Id == "P6K010" && Line(refusal) == 11);
        Assert.Contains(refusals, refusal => refusal.Id == "P6K024" && Line(refusal) == 9);
    }

    [Fact]
    public void EveryRefusal_HasATestAndALineInTheDocs()
    {
        string[] ids = [.. Diagnostics.Messages.Keys];
        IEnumerable<string> tested = Statements().Concat(Files()).Select(row => row.Data.Item1);
        Assert.Equal(ids, ids.Intersect(tested));
        string docs = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "kernel-language.md"));
        Assert.All(ids, id => Assert.Contains($"| {id} |", docs, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Group.Barrier();\nif (Group.IdxX >= n)\n    return;\nx[Group.IdxX] = f;")]
    [InlineData("if (Grid.IdxX >= n)\n    return;\nGroup.Barrier();")]
    [InlineData("for (int k = n; k > 0; k /= 2)\n{\n    if (Group.IdxX < k)\n        x[Group.IdxX] += x[Group.IdxX + k];\n    Group.Barrier();\n}")]
    [InlineData("for (int k = 0; k < n; k++)\n{\n    Group.Barrier();\n    if (Group.IdxX > k)\n        continue;\n    x[k] = f;\n}")]
    [InlineData("for (int k = Group.IdxX; k < n; k += 64)\n    x[k] = f;\nGroup.Barrier();")]
    [InlineData("float sum = Sum(x, x[Group.IdxX]);\nif (sum > 1f)\n    Group.Barrier();")]
    [InlineData("while (x[Grid.IdxX] > f)\n{\n    f += 1f;\n    Group.Barrier();\n}")]
    public void Barrier_ThatEveryItemReaches_IsAccepted(string statements) => Assert.Empty(Translation.OfClass(
        $$"""
        [Kernel(64)]
        public static void Try(ArrayView<float> x, int n, float f)
        {
        {{statements}}
        }

        private static float Sum(ArrayView<float> x, float value)
        {
            if (Group.IdxX < 16)
                x[Group.IdxX] = value;
            Group.Barrier();
            float sum = 0f;
            for (int i = 0; i < 16; i++)
                sum += x[i];
            return sum;
        }
        """).Diagnostics);

    [Fact]
    public void CSharpErrors_AreLeftToTheCompiler() =>
        Assert.Empty(Translation.OfClass("[Kernel(1)] public static void Try(ArrayView<float> x) { x[0] = missing + 1f; }").Diagnostics);

    private static string Kernel(string parameters) =>
        $"internal static partial class K\n{{\n    [Kernel(64)]\n    public static void Try({parameters}) {{ }}\n}}";

    private static void AssertRefused(string source, string id, string at)
    {
        var refusals = Translation.Of(source).Diagnostics;
        string[] lines = source.Split('\n');
        Assert.True(
            refusals.Any(refusal => refusal.Id == id && lines[Line(refusal) - 1].Contains(at, StringComparison.Ordinal)),
            $"Not refused as {id} at '{at}':\n{string.Join('\n', refusals)}\n{source}");
        Assert.All(refusals, refusal => Assert.Equal(DiagnosticSeverity.Error, refusal.Severity));
    }

    private static int Line(Diagnostic diagnostic) => diagnostic.Location.GetMappedLineSpan().StartLinePosition.Line + 1 - Translation.LinesBefore;
}
