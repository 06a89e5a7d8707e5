using P6bNative.Kernels.Devices;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Tests.Gpu;

public sealed class RecordingTests
{
    public static TheoryData<string> Devices() => GpuDevices.Names();

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_recording_runs_only_when_replayed_and_in_order(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer x = device.Allocate(500), y = device.Allocate(500);
        device.Upload(Enumerable.Repeat(1f, 500).ToArray(), x.All);
        ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f);
        using Recording recording = Record(device, () =>
        {
            // x: 1 -> 2 y + 1, each depending on the one before.
            ProbeKernels.LaunchAxpy(device, y.All, x.All, 2f);
            ProbeKernels.LaunchAxpy(device, x.All, y.All, 1f);
        });
        Assert.Equal((1f, 1f), First(device, x, y));
        Assert.Equal(1, device.LaunchCount);
        recording.Replay();
        Assert.Equal((4f, 3f), First(device, x, y));
        recording.Replay();
        recording.Replay();
        Assert.Equal((56f, 41f), First(device, x, y));
        Assert.Equal(7, device.LaunchCount);
        ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f);
        Assert.Equal((56f, 97f), First(device, x, y));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void What_changes_is_brought_up_to_date_before_each_replay(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer x = device.Allocate(1), y = device.Allocate(1);
        ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f);
        using Recording recording = Record(device, () => ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f));
        float step = 0;
        device.BeforeReplay = () => device.Upload([++step], x.All);
        for (int i = 0; i < 4; i++)
            recording.Replay();
        Assert.Equal((4f, 10f), First(device, x, y));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void While_recording_nothing_else_may_happen(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer x = device.Allocate(1);
        using Recording recording = Record(device, () => { });
        Action[] forbidden =
        [
            () => device.Upload([1f], x.All), () => device.Download(x.All, new float[1]), () => device.Allocate(1), device.Synchronize,
            recording.Replay, () => device.Record(() => { }), () => device.StartProfiling(),
        ];
        foreach (Action action in forbidden)
            Assert.Throws<InvalidOperationException>(() => device.Record(action));
        Assert.False(device.IsRecording);
        recording.Replay();
        recording.Dispose();
        Assert.Throws<ObjectDisposedException>(recording.Replay);
    }

    private static Recording Record(GpuDevice device, Action body)
    {
        Recording? recording = device.Record(body);
        if (recording is null)
            Assert.Skip($"{device.Name} ({device.Description}) offers no recording: replay was not run.");
        return recording;
    }

    private static (float X, float Y) First(GpuDevice device, Buffer x, Buffer y)
    {
        double[] first = new double[1], second = new double[1];
        device.Download(x.All.Slice(0, 1), first, y.All.Slice(0, 1), second);
        return ((float)first[0], (float)second[0]);
    }
}
