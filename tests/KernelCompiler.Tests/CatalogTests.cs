using P6bNative.Kernels.Devices;

namespace P6bNative.KernelCompiler.Tests;

/// <summary>The text of every kernel of the engine, compiled for both targets without a device, warnings as errors.</summary>
public class CatalogTests
{
    /// <summary>Values to compile a kernel's specialised constants with, in the order of its parameters: each form, and each tile.</summary>
    private static readonly Dictionary<string, int[][]> _constants = new()
    {
        ["TiledMatMul"] =
        [
            [0, 0, 128, 128, 8, 64], [0, 1, 128, 64, 16, 32], [1, 1, 64, 64, 16, 32], [0, 0, 32, 64, 32, 32], [1, 1, 32, 32, 32, 32],
        ],
        ["PackedMatMul"] = [[0, 0, 8, 3], [0, 1, 6, 1], [1, 1, 4, 1]],
    };

    /// <summary>Name of a kernel, and the options its program is built with.</summary>
    public static TheoryData<string, string> Builds()
    {
        var builds = new TheoryData<string, string>();
        foreach (var program in Kernels.Gpu.KernelCatalog.All.GroupBy(kernel => (kernel.Program.Name, kernel.Specializations.Count > 0)))
        {
            if (!program.Key.Item2)
                builds.Add(program.First().Name, "");
            foreach (KernelDescription kernel in program.Where(kernel => kernel.Specializations.Count > 0))
            {
                // Without a row above the values are missing, and the kernel's own guard leaves it out: the test fails.
                foreach (int[] values in _constants.GetValueOrDefault(kernel.Name, [[]]))
                    builds.Add(kernel.Name, string.Join(' ', kernel.Specializations.Zip(values, (name, value) => $"-D{name}={value}")));
            }
        }
        return builds;
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public void OpenClText_Compiles(string kernel, string options) =>
        Assert.Contains($"@{kernel}(", Clang.OpenCl(Find(kernel).Program.OpenCl, Split(options)), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Builds))]
    public void CudaText_CompilesToPtx(string kernel, string options)
    {
        string text = Find(kernel).Program.Cuda;
        // Kernels with vectors of sixteen are for processors.
        if (text.Length > 0)
            Assert.Contains($".entry {kernel}(", Clang.Ptx(text, Split(options)), StringComparison.Ordinal);
        else
            Assert.Contains("float16 ", Find(kernel).Program.OpenCl, StringComparison.Ordinal);
    }

    private static KernelDescription Find(string kernel) => Kernels.Gpu.KernelCatalog.All.Single(description => description.Name == kernel);

    private static string[] Split(string options) => options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
