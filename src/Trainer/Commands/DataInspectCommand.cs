using System.Text;
using P6bNative.Trainer.Diagnosis;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Commands;

/// <summary>The verb <c>data inspect</c>.</summary>
internal static class DataInspectCommand
{
    public static int Run(DataInspectOptions options, ConsoleContext console)
    {
        if (options.TargetOffset is not (null or 0 or 1))
            throw new InputException($"--target-offset {options.TargetOffset}: must be 0 or 1.");
        if (options.NoArrow && (options.Device is not null || options.Threads is not null))
            throw new InputException($"--{(options.Device is not null ? "device" : "threads")} does not apply with --no-arrow: it runs the arrow test.");
        int threads = options.Threads ?? 0;
        var request = new DiagnosisRequest(options.File, options.Train, options.Ood, options.Store, options.TargetOffset, !options.NoArrow,
            options.Seed, threads);
        var diagnosis = DataDiagnosis.Of(request, () => TrainingSetup.OpenDevice(options.Device ?? "auto", threads));
        if (!options.Json)
        {
            DiagnosisText.Write(diagnosis, console.Output);
            return ExitCode.Done;
        }

        using var json = new MemoryStream();
        DiagnosisJson.Write(diagnosis, json);
        console.Output.WriteLine(Encoding.UTF8.GetString(json.ToArray()));
        return ExitCode.Done;
    }
}
