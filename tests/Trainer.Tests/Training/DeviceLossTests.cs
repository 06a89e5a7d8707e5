using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Checkpoints;
using P6bNative.Trainer.Commands;
using P6bNative.Trainer.Tests.Console;
using P6bNative.Trainer.Training;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Trainer.Tests.Training;

/// <summary>A device that fails in the middle of a run: one line, and a checkpoint to go on from.</summary>
public sealed class DeviceLossTests
{
    private const string Lost = "gpu:0: cuLaunchKernel of MatMul: the device was lost";

    /// <summary>Copies after the start: while the first checkpoint reads the weights, and later in steps, evaluations and checkpoints.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(90)]
    public void A_lost_device_ends_in_one_line_and_a_checkpoint_that_resumes(int copies)
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["whole"]).ExitCode);
        TrainingSettings settings = Settings(folder["whole"], folder["lost"]);
        string checkpoint;
        using (var device = new LosableDevice())
        using (TrainingSetup setup = TrainingSetup.Open(settings, device))
        using (RunFolder run = RunFolder.Create(settings))
        {
            setup.InitializeParameters();
            device.CopiesLeft = copies;
            using var output = new StringWriter();
            var console = new ConsoleContext(output, output, IsTerminal: false, default);
            InputException e = Assert.Throws<InputException>(() => TrainCommand.Train(setup, run, new RunState(), resumed: false, console));
            Assert.Contains(Lost, e.Message, StringComparison.Ordinal);
            Assert.Contains($"p6b train --resume {folder["lost"]}", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
            checkpoint = e.Message;
        }

        TestConsole resumed = TestConsole.Run("train", "--resume", folder["lost"]);
        Assert.Equal(0, resumed.ExitCode);
        string start = checkpoint.Contains("no checkpoint", StringComparison.Ordinal)
            ? $"run      {folder["lost"]}\n"
            : $"resumed at step {checkpoint.Split("checkpoint of step ")[1].Split(' ')[0]},";
        Assert.Contains(start, resumed.Output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder["whole"], "last.safetensors")), File.ReadAllBytes(Path.Combine(folder["lost"], "last.safetensors")));
    }

    private static TrainingSettings Settings(string like, string folder) =>
        TrainingSettings.Read(Path.Combine(like, "config.json")) with { OutputDir = folder };

    /// <summary>The host, but for a number of copies after which every call fails.</summary>
    private sealed class LosableDevice : Device
    {
        private readonly HostDevice _host = new(threads: 1);

        public int CopiesLeft { get; set; } = int.MaxValue;

        public override string Name => _host.Name;

        public override string Description => _host.Description;

        public override IOperations Operations => CopiesLeft > 0 ? _host.Operations : throw new DeviceException(Lost);

        public override long AllocatedBytes => _host.AllocatedBytes;

        public override Buffer Allocate(long length) => _host.Allocate(length);

        public override void Upload(ReadOnlySpan<float> source, View destination) => Working().Upload(source, destination);

        public override void Upload(ReadOnlySpan<double> source, View destination) => Working().Upload(source, destination);

        public override void Download(View source, Span<float> destination) => Working().Download(source, destination);

        public override void Download(View source, Span<double> destination) => Working().Download(source, destination);

        public override DeviceProfile StartProfiling() => _host.StartProfiling();

        public override void Synchronize() => Working().Synchronize();

        protected override void Dispose(bool disposing) => _host.Dispose();

        private HostDevice Working() => CopiesLeft-- > 0 ? _host : throw new DeviceException(Lost);
    }
}
