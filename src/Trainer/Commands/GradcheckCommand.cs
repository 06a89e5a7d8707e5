using P6bNative.Autograd;
using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Training;
using Spectre.Console;

namespace P6bNative.Trainer.Commands;

/// <summary>The verb <c>gradcheck</c>: every operation's gradient, and the whole model's with the whole loss, against finite differences.</summary>
internal static class GradcheckCommand
{
    /// <summary>Small enough that no ReLU of the model changes sides between the points of a difference.</summary>
    private const double ModelStep = 1e-5;

    public static int Run(GradcheckOptions options, ConsoleContext console)
    {
        if (options.Device != "reference")
            throw new InputException($"--device {options.Device}: the gradient check runs in double precision, which only the reference device has.");
        using Device device = TrainingSetup.OpenDevice(options.Device, threads: 1);
        GradientCheckSettings settings = GradientCheckSettings.DoublePrecision with { Seed = options.Seed };
        var results = new List<GradientCheckResult>(GradientCheck.Operations(device, settings));
        results.AddRange(ModelGradientCheck.Run(device, settings with { Step = ModelStep }));

        Table table = ConsoleContext.NewTable("gradient of", "relative error", "bar", "");
        foreach (GradientCheckResult r in results)
            table.AddRow(Markup.Escape(r.Name), $"{r.RelativeError:E2}", $"{r.Tolerance:E0}", r.Passed ? "ok" : "FAILED");
        console.Write(table);
        int failed = results.Count(r => !r.Passed);
        console.Output.WriteLine(failed == 0 ? $"{results.Count} checks passed" : $"{failed} of {results.Count} checks FAILED");
        return failed == 0 ? ExitCode.Done : ExitCode.BadInput;
    }
}
