using System.Diagnostics;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Model;
using P6bNative.Trainer.Loss;
using P6bNative.Trainer.Training;
using Spectre.Console;

namespace P6bNative.Trainer.Commands;

/// <summary>
/// Times a whole training step (forward, loss and guardrails, backward, clip, AdamW; dropout on) of a model in the original's sizes on random unit vectors.
/// </summary>
internal sealed record StepBenchmark
{
    private const double WarmUpSeconds = 1.0, MeasureSeconds = 5.0;
    private const int LeastSteps = 10, ProfiledSteps = 10;

    public required int Batch { get; init; }

    public required int Dim { get; init; }

    public required string Device { get; init; }

    public required string DeviceDescription { get; init; }

    public required int Threads { get; init; }

    public required string Mode { get; init; }

    public required string ModelType { get; init; }

    public required double Dropout { get; init; }

    public required long Parameters { get; init; }

    public required int Steps { get; init; }

    public required double MedianMs { get; init; }

    public required double MinMs { get; init; }

    public required long ManagedBytesPerStep { get; init; }

    /// <summary>Kernels a step, on devices that launch them.</summary>
    public required double LaunchesPerStep { get; init; }

    /// <summary>Waits of the host a step, on devices that it waits for.</summary>
    public required double HostReadsPerStep { get; init; }

    /// <summary>Time of a step by operation (host) or kernel (GPU), longest first; null without <c>--profile</c>.</summary>
    public IReadOnlyList<ProfileRow>? Profile { get; init; }

    public static StepBenchmark Measure(BenchOptions options)
    {
        int batch = options.BatchSize ?? 32;
        int dimension = options.Dimension ?? 768;
        if (batch is < 1 or > 65536) throw new InputException($"--batch-size {batch}: must be 1 .. 65536.");
        if (dimension is < 1 or > 65536) throw new InputException($"--dim {dimension}: must be 1 .. 65536.");
        LossMode mode = LossModes.Find(options.Mode ?? "p6b-v2.1");
        TrainingSettings settings = new() { ModelType = options.ModelType ?? "transformer" };
        ModelSizes.Validate(settings);
        VectorPredictorConfig config = settings.ModelConfig(dimension);
        using Device device = TrainingSetup.OpenDevice(options.Device, options.Threads);
        IVectorPredictor model = VectorPredictors.Create(config);
        using var parameters = new ParameterSet(device, model.Layout);
        Initialization.Initialize(parameters, RandomStreams.Initialization(settings.Seed));
        using var step = new TrainingStep(device, model, parameters, mode, settings with { BatchSize = batch }, windows: batch);
        float[] contexts = UnitRows(batch * config.ContextLength, dimension, stream: 0);
        float[] targets = UnitRows(batch, dimension, stream: 1);
        int negativesEach = mode.InArticle?.Negatives ?? 0;
        float[] negatives = UnitRows(batch * negativesEach, dimension, stream: 2);
        int[] counts = [.. Enumerable.Repeat(negativesEach, negativesEach == 0 ? 0 : batch)];

        long number = 0;
        long start = Stopwatch.GetTimestamp();
        while (number < 3 || Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds)
            step.Run(contexts, targets, batch, ++number, epoch: 1, settings.Lr, new NegativeBatch(negatives, counts));
        var times = new List<double>(1 << 16);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        DeviceActivity before = device.Activity;
        start = Stopwatch.GetTimestamp();
        while (times.Count < LeastSteps || Stopwatch.GetElapsedTime(start).TotalSeconds < MeasureSeconds)
        {
            long begin = Stopwatch.GetTimestamp();
            step.Run(contexts, targets, batch, ++number, epoch: 1, settings.Lr, new NegativeBatch(negatives, counts));
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        DeviceActivity after = device.Activity;
        times.Sort();
        return new StepBenchmark
        {
            Batch = batch,
            Dim = dimension,
            Device = device.Name,
            DeviceDescription = device.Description,
            Threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads,
            Mode = mode.Name,
            ModelType = settings.ModelType,
            Dropout = Math.Round(config.Dropout, 6),
            Parameters = config.ParameterCount,
            Steps = times.Count,
            MedianMs = times[times.Count / 2],
            MinMs = times[0],
            ManagedBytesPerStep = allocated / times.Count,
            LaunchesPerStep = (double)(after.Launches - before.Launches) / times.Count,
            HostReadsPerStep = (double)(after.HostReads - before.HostReads) / times.Count,
            Profile = options.Profile ? ProfileSteps() : null,
        };

        // Its own step, since a recorded one cannot be looked into.
        List<ProfileRow> ProfileSteps()
        {
            using DeviceProfile profile = device.StartProfiling();
            using var plain = new TrainingStep(device, model, parameters, mode, settings with { BatchSize = batch }, windows: batch);
            for (int i = 0; i < 2; i++) plain.Run(contexts, targets, batch, ++number, epoch: 1, settings.Lr, new NegativeBatch(negatives, counts));
            profile.Clear();
            for (int i = 0; i < ProfiledSteps; i++) plain.Run(contexts, targets, batch, ++number, epoch: 1, settings.Lr, new NegativeBatch(negatives, counts));
            return [.. profile.Rows().Select(row => row with { Calls = row.Calls / ProfiledSteps, Milliseconds = row.Milliseconds / ProfiledSteps })];
        }
    }

    public void WriteText(ConsoleContext console)
    {
        TextWriter output = console.Output;
        output.WriteLine($"training step, {ModelType}, {Mode}, batch {Batch} x 5 x {Dim}, {Parameters:N0} parameters, dropout {Dropout}");
        output.WriteLine($"{Device}: {DeviceDescription}");
        string launches = LaunchesPerStep > 0 ? $"; {LaunchesPerStep:F0} launches and {HostReadsPerStep:F0} host read a step" : "";
        output.WriteLine($"median {MedianMs:F2} ms, best {MinMs:F2} ms over {Steps} steps; {ManagedBytesPerStep} managed bytes a step{launches}");
        if (Profile is null) return;
        double total = Profile.Sum(row => row.Milliseconds);
        Table table = ConsoleContext.NewTable("operation or kernel", "calls a step", "ms a step", "share");
        foreach (ProfileRow row in Profile)
            table.AddRow(Markup.Escape(row.Name), $"{row.Calls}", $"{row.Milliseconds:F4}", $"{100 * row.Milliseconds / total:F1} %");
        console.Write(table);
    }

    private static float[] UnitRows(int rows, int dimension, ulong stream)
    {
        ulong key = CounterRandom.Mix(42, stream);
        var values = new float[rows * dimension];
        for (int r = 0; r < rows; r++)
        {
            Span<float> row = values.AsSpan(r * dimension, dimension);
            double squares = 0;
            for (int i = 0; i < dimension; i++)
            {
                row[i] = (float)(CounterRandom.Bits((uint)(r * dimension + i), (uint)key, (uint)(key >> 32)) / 4294967296.0 * 2 - 1);
                squares += (double)row[i] * row[i];
            }

            float scale = (float)(1 / Math.Sqrt(squares));
            for (int i = 0; i < dimension; i++) row[i] *= scale;
        }

        return values;
    }
}
