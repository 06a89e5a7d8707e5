using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Tests.Host;

public sealed class GemmBenchmarkTests
{
    [Fact]
    public void Every_form_of_every_shape_is_timed_once()
    {
        using var device = new HostDevice(1);
        GemmReport report = Assert.Single(GemmBenchmark.Run([device], [8], warmUp: 0, rounds: 2, share: 0));
        Assert.Equal(18, report.Timings.DistinctBy(timing => (timing.Form, timing.M, timing.N, timing.K)).Count());
        Assert.Contains(report.Timings, timing => timing is { Form: MatMulForm.NN, M: 8, N: 768, K: 512 });
        Assert.All(report.Timings, timing =>
        {
            Assert.InRange(timing.MinimumMilliseconds, 0, timing.MedianMilliseconds);
            Assert.Equal(2e-6 * timing.M * timing.N * timing.K / timing.MedianMilliseconds, timing.GigaflopsPerSecond, 1e-6);
            Assert.Equal(timing.GigaflopsPerSecond / report.PeakGigaflopsPerSecond * 100, timing.PercentOfPeak, 1e-6);
        });
        Assert.True(double.IsPositive(report.PercentOfPeak(MatMulForm.TN)));
        Assert.True(double.IsFinite(report.MicroKernelGigaflopsPerSecond) && double.IsPositive(report.MicroKernelGigaflopsPerSecond));
        Assert.Equal(0, device.AllocatedBytes);
    }
}
