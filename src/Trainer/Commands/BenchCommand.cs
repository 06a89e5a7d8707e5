using System.Text.Json;
using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Commands;

/// <summary>The verb <c>bench</c>.</summary>
internal static class BenchCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static int Run(BenchOptions options, ConsoleContext console)
    {
        switch (options.What)
        {
            case "step":
                StepBenchmark step = StepBenchmark.Measure(options);
                if (options.Json)
                    console.Output.WriteLine(JsonSerializer.Serialize(step, Json));
                else
                    step.WriteText(console);
                return ExitCode.Done;
            case "gemm":
                RefuseStepFlags(options);
                using (Device device = TrainingSetup.OpenDevice(options.Device, options.Threads))
                    GemmTable.Write(device, options.Threads, options.Json, console);
                return ExitCode.Done;
            case "launch":
                RefuseStepFlags(options);
                using (Device device = TrainingSetup.OpenDevice(options.Device, options.Threads))
                {
                    LaunchBenchmark launch = LaunchBenchmark.Measure(device);
                    if (options.Json)
                        console.Output.WriteLine(JsonSerializer.Serialize(launch, Json));
                    else
                        launch.WriteText(console.Output);
                }

                return ExitCode.Done;
            default:
                throw new InputException($"bench {options.What}: unknown benchmark; step, gemm and launch are what there is.");
        }
    }

    private static void RefuseStepFlags(BenchOptions options)
    {
        if (options.BatchSize is not null || options.Dimension is not null || options.Mode is not null || options.ModelType is not null || options.Profile)
            throw new InputException($"bench {options.What}: --batch-size, --dim, --mode, --model-type and --profile belong to bench step; leave them out.");
    }
}
