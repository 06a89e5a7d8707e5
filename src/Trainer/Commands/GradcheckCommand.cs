using P6bNative.Autograd;
using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Training;
using Spectre.Console;

namespace P6bNative.Trainer.Commands;

/// <summary>
/// The verb <c>gradcheck</c>: every operation's gradient, and the whole model's with the whole loss, against finite differences; on devices
/// of single precision the model's against the double-precision gradient.
/// </summary>
internal static class GradcheckCommand
{
    /// <summary>Small enough that no ReLU of the model changes sides between the points of a difference.</summary>
    private const double ModelStep = 1e-5;

    public static int Run(GradcheckOptions options, ConsoleContext console)
    {
        using Device device = TrainingSetup.OpenDevice(options.Device, threads: 0);
        var results = new List<GradientCheckResult>();
        if (device is ReferenceDevice)
        {
            GradientCheckSettings settings = GradientCheckSettings.DoublePrecision with { Seed = options.Seed };
            results.AddRange(GradientCheck.Operations(device, settings));
            results.AddRange(ModelGradientCheck.Run(device, settings with { Step = ModelStep }));
        }
        else
        {
            using var reference = new ReferenceDevice();
            results.AddRange(GradientCheck.Operations(device, GradientCheckSettings.SinglePrecision with { Seed = options.Seed }));
            results.AddRange(ModelGradientCheck.Compare(device, reference, options.Seed));
        }

        Table table = ConsoleContext.NewTable("gradient of", "relative error", "bar", "");
        foreach (GradientCheckResult r in results)
            table.AddRow(Markup.Escape(r.Name), $"{r.RelativeError:E2}", $"{r.Tolerance:E0}", r.Passed ? "ok" : "FAILED");
        console.Write(table);
        int failed = results.Count(r => !r.Passed);
        console.Output.WriteLine(failed == 0 ? $"{results.Count} checks passed" : $"{failed} of {results.Count} checks FAILED");
        return failed == 0 ? ExitCode.Done : ExitCode.BadInput;
    }
}
