using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Tests.Gpu;

/// <summary>What of the CUDA device needs no card.</summary>
public sealed class CudaTests
{
    [Theory]
    [InlineData(90, "sm_90")]
    [InlineData(86, "sm_86")]
    [InlineData(89, "compute_86")]
    [InlineData(120, "compute_90")]
    [InlineData(70, "compute_70")]
    public void A_card_that_the_compiler_does_not_know_gets_code_for_the_nearest_older_one(int capability, string architecture) =>
        Assert.Equal(architecture, CudaPrograms.Architecture(capability, [75, 80, 86, 90]));

    [Fact]
    public void Failures_that_end_the_context_are_told_from_others()
    {
        Assert.All((int[])[214, 700, 702, 710, 716, 719, 999], result => Assert.True(CudaResult.IsLoss(result)));
        Assert.All((int[])[0, 1, 2, 200, 209, 218, 400, 500, 600, 701, 713, 720, 900], result => Assert.False(CudaResult.IsLoss(result)));
    }

    [Fact]
    public void A_compiler_that_is_not_there_is_explained()
    {
        Nvrtc? none = NvrtcLibrary.Find(driverVersion: 0, out string finding);
        Assert.Null(none);
        Assert.Matches("NVRTC .*not found|newer than the driver's CUDA 0.0", finding);
        Assert.NotEmpty(NvrtcLibrary.Candidates());
    }

    [Fact]
    public void The_compiler_makes_machine_code_and_reports_errors()
    {
        Nvrtc? compiler = NvrtcLibrary.Find(driverVersion: 99_000, out string finding);
        if (compiler is null)
            Assert.Skip($"{finding}: nothing was compiled for CUDA.");
        byte[]? image = compiler.Compile(ProbeKernels.Axpy.Program, $"sm_{compiler.Architectures.Max()}", ["--fmad=false"], out string log);
        Assert.True(image is { Length: > 100 }, log);
        Assert.Equal("\u007fELF"u8, image.AsSpan(0, 4));
        image = compiler.Compile(ProbeKernels.Axpy.Program, $"compute_{compiler.Architectures.Max()}", ["--fmad=false"], out _);
        Assert.Contains(".entry Axpy", System.Text.Encoding.ASCII.GetString(image!), StringComparison.Ordinal);
        Assert.Null(compiler.Compile(ProbeKernels.Program("Broken", "KERNEL void f() { y = 1; }"), "compute_80", [], out log));
        Assert.Contains("\"y\" is undefined", log, StringComparison.Ordinal);
    }
}
