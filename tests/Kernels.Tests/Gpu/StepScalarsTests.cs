using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Tests.Gpu;

/// <summary>Kernels see the random key and AdamW's settings of the step in which they run, also when they were recorded before.</summary>
public sealed class StepScalarsTests
{
    private const int Rows = 5, Columns = 67;

    public static TheoryData<string> Devices() => GpuDevices.Names();

    [Theory]
    [MemberData(nameof(Devices))]
    public void Each_launch_sees_the_key_of_its_step(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using var host = new HostDevice(1);
        var key = new RandomKey { Value = 1 };
        var other = new RandomKey { Value = 77 };
        foreach (ulong value in new ulong[] { 1, 0xFEDCBA9876543210, 1 })
        {
            key.Value = value;
            Assert.Equal(Dropped(host, key), Dropped(device, key));
            Assert.Equal(Dropped(host, other), Dropped(device, other));
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_recording_sees_the_key_and_the_settings_of_each_replay(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        var key = new RandomKey { Value = 5 };
        var settings = new AdamWSettings { LearningRate = 1e-3, WeightDecay = 0.01 };
        using var plain = new Step(device, key, settings);
        using var recorded = new Step(device, key, settings);
        plain.Run();
        recorded.Run();
        using Recording? recording = device.Record(recorded.Run);
        if (recording is null)
            Assert.Skip($"{name} records nothing.");
        for (int i = 2; i < 5; i++)
        {
            key.Value *= 0x9E3779B97F4A7C15;
            (settings.Step, settings.LearningRate) = (i, 1e-3 / i);
            plain.Run();
            recording.Replay();
            Assert.Equal(plain.Results(), recorded.Results());
        }
    }

    private static float[] Dropped(Device device, RandomKey key)
    {
        using Buffer x = device.Allocate(Rows * Columns), y = device.Allocate(Rows * Columns);
        float[] values = [.. Enumerable.Range(1, Rows * Columns).Select(i => (float)i)];
        device.Upload(values, x.All);
        device.Operations.ReluDropoutForward(x.All.AsMatrix(Rows, Columns), y.All.AsMatrix(Rows, Columns), new Dropout(0.5f, key, 3));
        device.Download(y.All, values);
        return values;
    }

    /// <summary>A dropout whose result is the gradient of an update.</summary>
    private sealed class Step(Device device, RandomKey key, AdamWSettings settings) : IDisposable
    {
        private readonly Buffer _memory = New(device);

        public void Run()
        {
            MatrixView x = Part(0).AsMatrix(Rows, Columns), gradient = Part(1).AsMatrix(Rows, Columns);
            device.Operations.ReluDropoutForward(x, gradient, new Dropout(0.5f, key, 3));
            device.Operations.GradientNorm(gradient.Data, Part(5).Slice(0, 1));
            device.Operations.AdamW(Part(2), gradient.Data, Part(3), Part(4), Part(5).Slice(0, 1), settings);
        }

        public float[] Results()
        {
            float[] values = new float[_memory.Length];
            device.Download(_memory.All, values);
            return values;
        }

        public void Dispose() => _memory.Dispose();

        private View Part(int part) => _memory.All.Slice(part * Rows * Columns, Rows * Columns);

        private static Buffer New(Device device)
        {
            Buffer memory = device.Allocate(6 * Rows * Columns);
            device.Upload([.. Enumerable.Range(0, (int)memory.Length).Select(i => (float)(i % 101))], memory.All);
            return memory;
        }
    }
}
