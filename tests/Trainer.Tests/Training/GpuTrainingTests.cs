using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Model;
using P6bNative.Trainer.Loss;
using P6bNative.Trainer.Tests.Console;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Tests.Training;

/// <summary>Training on OpenCL and CUDA devices: the host's losses, the same bytes on resume, no growth.</summary>
public sealed class GpuTrainingTests
{
    private const int Batch = 6;

    /// <summary>The default depth and heads, so that launches are counted as they are in earnest; small widths for slow devices.</summary>
    private static readonly VectorPredictorConfig Config = new()
    {
        InputDimension = 36,
        ModelDimension = 32,
        FeedForward = 64,
        Heads = 4,
        Dropout = 0.1f,
        SlotSkips = true,
    };

    public static TheoryData<string> Devices => GpuDevices.Names;

    public static TheoryData<string, ModelType> DevicesAndModels
    {
        get
        {
            var data = new TheoryData<string, ModelType>();
            foreach (string device in GpuDevices.Names.Select(row => row.Data))
            {
                foreach (ModelType type in Enum.GetValues<ModelType>()) data.Add(device, type);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(DevicesAndModels))]
    public void Twenty_steps_have_the_losses_of_the_host(string name, ModelType type)
    {
        GpuDevices.Require(name);
        using Device device = DeviceCatalog.Open(name);
        using var host = new HostDevice(threads: 1);
        double[] expected = Losses(host, 20, type), actual = Losses(device, 20, type);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(actual[i] - expected[i]) <= 1e-4 * Math.Abs(expected[i]), $"step {i + 1}: {actual[i]:R} on {name}, {expected[i]:R} on the host");
        Assert.NotEqual(expected[0], expected[^1]);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void The_same_steps_give_the_same_bytes(string name)
    {
        GpuDevices.Require(name);
        using Device device = DeviceCatalog.Open(name);
        Assert.Equal(Losses(device, 10), Losses(device, 10));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Train_stop_resume_equals_train_to_the_byte(string name)
    {
        GpuDevices.Require(name);
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["whole"], "--device", name, "--max-steps", "20", "--slot-skips", TinyRun.Switch).ExitCode);
        Assert.Equal(0, TinyRun.Train(folder["parts"], "--device", name, "--max-steps", "10", "--slot-skips", TinyRun.Switch).ExitCode);
        Assert.Equal(0, TestConsole.Run("train", "--resume", folder["parts"], "--max-steps", "20").ExitCode);
        foreach (string file in (string[])["last.safetensors", "last.state"])
        {
            byte[] whole = File.ReadAllBytes(Path.Combine(folder["whole"], file)), parts = File.ReadAllBytes(Path.Combine(folder["parts"], file));
            Assert.True(whole.AsSpan().SequenceEqual(parts), $"{file} differs");
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_step_is_at_most_200_launches_and_one_host_read_and_allocates_nothing(string name)
    {
        GpuDevices.Require(name);
        using Device device = DeviceCatalog.Open(name);
        using var run = new Run(device);
        for (int i = 0; i < 3; i++) run.Step();
        device.Synchronize();
        long memory = device.AllocatedBytes;
        DeviceActivity before = device.Activity;
        const int steps = 10;
        for (int i = 0; i < steps; i++) run.Step();
        DeviceActivity after = device.Activity;
        Assert.InRange(after.Launches - before.Launches, steps * 20, steps * 200);
        Assert.Equal(steps, after.HostReads - before.HostReads);
        Assert.Equal(0, after.Allocations - before.Allocations);
        Assert.Equal(memory, device.AllocatedBytes);

        // The least of a few tries leaves out what the test runner allocates on this thread.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 20 && least > 0; attempt++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            run.Step();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - allocated);
        }

        Assert.Equal(0, least);
    }

    /// <summary>Large cards share the sums of small products among groups, which costs launches; the default model must stay within the bound there too.</summary>
    [Theory]
    [InlineData(32, 132)]
    [InlineData(256, 132)]
    [InlineData(32, 16)]
    [InlineData(256, 16)]
    public void The_default_model_on_a_large_card_is_at_most_200_launches_a_step(int batch, int computeUnits)
    {
        using var device = new NullGpuDevice(computeUnits);
        var model = new TransformerVectorPredictor(new VectorPredictorConfig { InputDimension = 768 });
        using var parameters = new ParameterSet(device, model.Layout);
        using var step = new TrainingStep(device, model, parameters, LossModes.Find("p6b-v2.1"), new TrainingSettings { BatchSize = batch }, batch);
        float[] contexts = new float[batch * 5 * 768], targets = new float[batch * 768];
        for (int i = 1; i <= 3; i++) Assert.Null(step.Run(contexts, targets, batch, i, epoch: 1, learningRate: 5e-4).Failure);
        DeviceActivity before = device.Activity;
        Assert.Null(step.Run(contexts, targets, batch, step: 4, epoch: 1, learningRate: 5e-4).Failure);
        Assert.InRange(device.Activity.Launches - before.Launches, 100, 200);
        Assert.Equal(1, device.Activity.HostReads - before.HostReads);
        Assert.Equal(before.Allocations, device.Activity.Allocations);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_thousand_steps_hold_the_device_memory_constant(string name)
    {
        GpuDevices.Require(name);
        using Device device = DeviceCatalog.Open(name);
        using var run = new Run(device);
        for (int i = 0; i < 3; i++) run.Step();
        (long memory, long allocations) = (device.AllocatedBytes, device.Activity.Allocations);
        for (int i = 0; i < 1000; i++) run.Step();
        Assert.Equal(memory, device.AllocatedBytes);
        Assert.Equal(allocations, device.Activity.Allocations);
        Assert.True(double.IsFinite(run.LastLoss));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void The_gradient_check_passes(string name)
    {
        GpuDevices.Require(name);
        TestConsole check = TestConsole.Run("gradcheck", "--device", name);
        Assert.True(check.ExitCode == 0, check.Output);
        Assert.Contains("checks passed", check.Output, StringComparison.Ordinal);
    }

    private static double[] Losses(Device device, int steps, ModelType type = ModelType.Transformer)
    {
        using var run = new Run(device, type);
        var losses = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            run.Step();
            losses[i] = run.LastLoss;
        }

        return losses;
    }

    /// <summary>Training of a small model on random batches, the same on every device.</summary>
    private sealed class Run : IDisposable
    {
        private readonly ParameterSet _parameters;
        private readonly TrainingStep _step;
        private readonly float[] _contexts = new float[Batch * 5 * Config.InputDimension];
        private readonly float[] _targets = new float[Batch * Config.InputDimension];
        private long _number;

        public Run(Device device, ModelType type = ModelType.Transformer)
        {
            VectorPredictorConfig config = type == ModelType.Transformer
                ? Config
                : VectorPredictorConfig.Original(type, Config.InputDimension) with { ModelDimension = 22, SlotSkips = Config.SlotSkips };
            IVectorPredictor model = VectorPredictors.Create(config);
            _parameters = new ParameterSet(device, model.Layout);
            Initialization.Initialize(_parameters, 5);
            var settings = new TrainingSettings { BatchSize = Batch };
            _step = new TrainingStep(device, model, _parameters, LossModes.Find("p6b-v2.1"), settings, windows: Batch);
        }

        public double LastLoss { get; private set; }

        public void Step()
        {
            Fill(_contexts, 2 * (uint)_number);
            Fill(_targets, 2 * (uint)_number + 1);
            StepResult result = _step.Run(_contexts, _targets, Batch, ++_number, epoch: 1, learningRate: 5e-4);
            Assert.Null(result.Failure);
            LastLoss = result.Loss.Loss;
        }

        public void Dispose()
        {
            _step.Dispose();
            _parameters.Dispose();
        }

        private static void Fill(float[] values, uint key)
        {
            for (int i = 0; i < values.Length; i++) values[i] = CounterRandom.Bits((uint)i, key, 0) / 4294967296f - 0.4f;
        }
    }
}
