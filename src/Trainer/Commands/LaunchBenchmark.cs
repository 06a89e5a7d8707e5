using System.Diagnostics;
using P6bNative.Kernels.Devices;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Trainer.Commands;

/// <summary>What it costs to ask a device for an operation that does next to nothing: the floor under a step of many small operations.</summary>
internal sealed record LaunchBenchmark
{
    private const int Chain = 100, Rounds = 200;

    public required string Device { get; init; }

    public required string DeviceDescription { get; init; }

    /// <summary>Host time of one call, the device not waited for.</summary>
    public required double EnqueueUs { get; init; }

    /// <summary>One of 100 calls in a row, the wait at their end included.</summary>
    public required double ChainedUs { get; init; }

    /// <summary>One call and a wait for it.</summary>
    public required double WaitedUs { get; init; }

    /// <summary>One of 100 calls replayed from a recording, the wait included; null where the device does not record.</summary>
    public required double? ReplayedUs { get; init; }

    public static LaunchBenchmark Measure(Device device)
    {
        using Buffer x = device.Allocate(1), y = device.Allocate(1);
        MatrixView from = x.All.AsMatrix(1, 1), to = y.All.AsMatrix(1, 1);
        void Call() => device.Operations.TakeLastForward(from, to);
        void CallChain()
        {
            for (int i = 0; i < Chain; i++) Call();
        }

        for (int i = 0; i < 3; i++) CallChain();
        device.Synchronize();
        double enqueue = Median(CallChain, device, waited: false) / Chain;
        double chained = Median(CallChain, device, waited: true) / Chain;
        double single = Median(Call, device, waited: true);
        using Recording? recording = device.Record(CallChain);
        return new LaunchBenchmark
        {
            Device = device.Name,
            DeviceDescription = device.Description,
            EnqueueUs = enqueue,
            ChainedUs = chained,
            WaitedUs = single,
            ReplayedUs = recording is null ? null : Median(recording.Replay, device, waited: true) / Chain,
        };
    }

    public void WriteText(TextWriter output)
    {
        output.WriteLine($"{Device}: {DeviceDescription}; an operation on one element, medians of {Rounds}");
        output.WriteLine($"asked for, not waited for      {EnqueueUs,8:F2} us");
        output.WriteLine($"{Chain} in a row, each           {ChainedUs,8:F2} us");
        output.WriteLine($"one and a wait                 {WaitedUs,8:F2} us");
        output.WriteLine(ReplayedUs is { } replayed
            ? $"{Chain} replayed as one, each    {replayed,8:F2} us"
            : "replayed as one                this device does not record");
    }

    /// <summary>Median microseconds.</summary>
    private static double Median(Action call, Device device, bool waited)
    {
        var times = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            call();
            if (waited) device.Synchronize();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            device.Synchronize();
        }

        Array.Sort(times);
        return times[Rounds / 2];
    }
}
