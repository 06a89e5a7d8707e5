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
                    step.WriteText(console.Output);
                return ExitCode.Done;
            case "gemm":
                if (options.BatchSize is not null || options.Dimension is not null || options.Mode is not null)
                    throw new InputException("bench gemm: --batch-size, --dim and --mode belong to bench step; leave them out.");
                using (Device device = TrainingSetup.OpenDevice(options.Device, options.Threads))
                {
                    if (device is not HostDevice) throw new InputException($"--device {options.Device}: bench gemm measures the host's products.");
                    GemmTable.Write(device, options.Json, console);
                }

                return ExitCode.Done;
            default:
                throw new InputException($"bench {options.What}: unknown benchmark; step and gemm are what there is.");
        }
    }
}
