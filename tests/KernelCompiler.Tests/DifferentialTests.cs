using P6bNative.Kernels.Devices;

namespace P6bNative.KernelCompiler.Tests;

/// <summary>Random kernels as C# on the host and as OpenCL C on a device: equal, bit for bit.</summary>
public class DifferentialTests
{
    private const int Items = 256, GroupSize = 16;

    /// <summary>Seeds; a failing one is named in the message and can be run alone.</summary>
    private static readonly int _kernels = int.TryParse(Environment.GetEnvironmentVariable("P6B_RANDOM_KERNELS"), out int count) ? count : 12;

    [Fact]
    public void RandomKernels_AgreeBitForBit()
    {
        using GpuDevice device = KernelRun.OpenDevice();
        for (int seed = 1; seed <= _kernels; seed++)
            Compare(device, seed);
    }

    private static void Compare(GpuDevice device, int seed)
    {
        string source = new RandomKernel(seed).Source();
        var translation = Translation.Of($"internal static partial class K{seed}\n{{\n{source}\n}}");
        Assert.True(translation.Diagnostics.IsEmpty, $"Seed {seed}: {string.Join("\n", translation.Diagnostics)}\n{source}");
        uint[] input = Input(seed);
        const int Words = Items * RandomKernel.Outputs, Groups = Items / GroupSize;
        var kernel = translation.Method("Random0", $"K{seed}").CreateDelegate<WordKernel>();
        uint[] expected = KernelRun.OnHost(kernel, input, Words, Groups, GroupSize);
        uint[] actual = KernelRun.OnDevice(device, translation.Kernel("Random0", $"K{seed}"), input, Words, Groups);
        for (int i = 0; i < Words; i++)
        {
            if (actual[i] != expected[i])
            {
                Assert.Fail($"Seed {seed}, work item {i / RandomKernel.Outputs}, result {i % RandomKernel.Outputs}: "
                    + $"C# 0x{expected[i]:X8}, device 0x{actual[i]:X8}\n{source}");
            }
        }
    }

    // Half of the words are ones where languages differ.
    private static uint[] Input(int seed)
    {
        uint[] edges =
        [
            0, 1, 2, 31, 32, 33, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF, 0xFFFFFFFE, 0x3F800000, 0xBF800000, 0x7F800000, 0xFF800000,
            0x7FC00000, 0x4F000000, 0xCF000000, 0x4F800000, 0x5F000000, 0x00000001, 0x007FFFFF, 0x00800000, 0x7F7FFFFF,
        ];
        var random = new Random(seed);
        uint Word() => random.Next(2) == 0 ? edges[random.Next(edges.Length)] : (uint)random.NextInt64(1L << 32);
        return [.. Enumerable.Range(0, Items * RandomKernel.Inputs).Select(_ => Word())];
    }
}
