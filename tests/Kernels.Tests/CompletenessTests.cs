using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Tests;

/// <summary>A new operation needs a row in the table and a file of its name wherever operations are implemented.</summary>
public sealed class CompletenessTests
{
    private static readonly string[] Implementations = ["Reference", "Host", "Gpu"];

    public static TheoryData<string> Methods() => [.. typeof(IOperations).GetMethods().Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_has_a_row_in_the_table(string method) =>
        Assert.Contains(OperationCases.All, row => row.Operation == method);

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_has_a_file_of_its_operation_in_every_folder(string method)
    {
        string operation = method.Replace("Forward", "", StringComparison.Ordinal).Replace("Backward", "", StringComparison.Ordinal);
        foreach (string folder in Implementations.Append("Operations"))
        {
            string file = Path.Combine(Kernels(), folder, operation + ".cs");
            Assert.True(File.Exists(file), $"{method} needs src/Kernels/{folder}/{operation}.cs.");
            Assert.Contains($" {method}(", File.ReadAllText(file), StringComparison.Ordinal);
        }
    }

    private static string Kernels()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "P6bNative.sln")))
            folder = Path.GetDirectoryName(folder);
        Assert.True(folder is not null, "The tests must run inside the repository: no P6bNative.sln above the test assembly.");
        return Path.Combine(folder, "src", "Kernels");
    }
}
