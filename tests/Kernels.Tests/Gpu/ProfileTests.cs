using P6bNative.Kernels.Devices;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Tests.Gpu;

public sealed class ProfileTests
{
    public static TheoryData<string> Devices() => GpuDevices.Names();

    [Theory]
    [MemberData(nameof(Devices))]
    public void Kernels_and_copies_are_timed(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer x = device.Allocate(1 << 16), y = device.Allocate(1 << 16);
        ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f);
        using Recording? before = device.Record(() => ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f));
        DeviceProfile profile = device.StartProfiling();
        Assert.Null(device.Record(() => { }));
        ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f);
        Assert.Single(profile.Rows());
        profile.Clear();
        Assert.Empty(profile.Rows());
        device.Upload(Enumerable.Repeat(1f, 1 << 16).ToArray(), x.All);
        ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f);
        ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f);
        before?.Replay();
        float[] first = new float[1];
        device.Download(y.All.Slice(0, 1), first);
        Assert.Equal(before is null ? 2f : 3f, first[0]);
        IReadOnlyList<ProfileRow> rows = profile.Rows();
        Assert.Equal(2, rows.Single(row => row.Name == "Axpy").Calls);
        Assert.Equal(1, rows.Single(row => row.Name == "(copy to device)").Calls);
        Assert.Equal(1, rows.Single(row => row.Name == "(copy to host)").Calls);
        Assert.Equal(before is null ? 0 : 1, rows.Where(row => row.Name == "(recorded work)").Sum(row => row.Calls));
        Assert.All(rows, row => Assert.InRange(row.Milliseconds, 1e-6, 1e4));
        Assert.Equal(rows.OrderByDescending(row => row.Milliseconds), rows);
        profile.Dispose();
        ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f);
        device.Synchronize();
        Assert.Equal(rows, profile.Rows());
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void More_launches_than_are_kept_open_are_all_timed(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer x = device.Allocate(1), y = device.Allocate(1);
        using DeviceProfile profile = device.StartProfiling();
        const int launches = 5000;
        for (int i = 0; i < launches; i++)
            ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f);
        Assert.Equal(launches, Assert.Single(profile.Rows()).Calls);
        Assert.Equal(0, device.HostReadCount);
    }

    [Fact]
    public void Operations_of_the_host_are_timed_by_name()
    {
        using var device = new HostDevice(1);
        using var reference = new ReferenceDevice();
        using Buffer onHost = device.Allocate(1), onReference = reference.Allocate(1);
        foreach (Device each in (Device[])[device, reference])
        {
            using Buffer x = each.Allocate(6), norm = each.Allocate(1);
            using DeviceProfile profile = each.StartProfiling();
            each.Operations.GradientNorm(x.All, norm.All);
            each.Operations.GradientNorm(x.All, norm.All);
            each.Operations.ColumnSum(x.All.AsMatrix(2, 3), x.All.Slice(0, 3), accumulate: false);
            Assert.Equal(["ColumnSum 1", "GradientNorm 2"], profile.Rows().Select(row => $"{row.Name} {row.Calls}").Order());
            profile.Clear();
            Assert.Empty(profile.Rows());
            View elsewhere = (each == device ? onReference : onHost).All;
            Assert.Throws<ArgumentException>(() => each.Operations.GradientNorm(elsewhere, norm.All));
            profile.Dispose();
            each.Operations.GradientNorm(x.All, norm.All);
            Assert.Empty(profile.Rows());
        }
    }
}
