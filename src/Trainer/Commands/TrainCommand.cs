using P6bNative.Trainer.Checkpoints;
using P6bNative.Trainer.Telemetry;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Commands;

/// <summary>The verb <c>train</c>: a new run, or a resumed one.</summary>
internal static class TrainCommand
{
    public static int Run(TrainOptions options, ConsoleContext console)
    {
        return options.Resume is null ? Start(options, console) : Resume(options, console);
    }

    private static int Start(TrainOptions options, ConsoleContext console)
    {
        TrainingSettings settings = TrainingFlags.Merge(options, options.Config is null ? new TrainingSettings() : TrainingSettings.Read(options.Config));
        using TrainingSetup setup = TrainingSetup.Open(settings);
        setup.InitializeParameters();
        RunFolder folder = RunFolder.Create(settings);
        return Train(setup, folder, new RunState(), resumed: false, console);
    }

    private static int Resume(TrainOptions options, ConsoleContext console)
    {
        RunFolder folder = RunFolder.Open(options.Resume!);
        TrainingSettings saved = TrainingSettings.Read(folder.Config) with { OutputDir = folder.Path };
        TrainingSettings settings = TrainingFlags.MergeIntoResumed(options, saved);
        using TrainingSetup setup = TrainingSetup.Open(settings);
        bool started = folder.HasProgress;
        RunState state = new();
        if (started)
            state = folder.Checkpoints.Load(setup.Parameters);
        else
            setup.InitializeParameters();
        if (settings.MaxSteps <= state.Step)
            throw new InputException($"--max-steps {settings.MaxSteps}: the run is already at step {state.Step}; give a larger number or none.");

        folder.WriteConfig(settings);
        return Train(setup, folder, state, resumed: started, console);
    }

    private static int Train(TrainingSetup setup, RunFolder folder, RunState state, bool resumed, ConsoleContext console)
    {
        TrainingReport.WriteHeader(setup, folder, state, resumed, console);
        using var progress = new ProgressLine(console.Output, console.IsTerminal);
        using var run = new TrainingRun(setup, folder, state, resumed, progress);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        StopReason reason = run.Run(console.Stop);
        progress.Dispose();
        TrainingReport.WriteSummary(folder, run, reason, clock.Elapsed, run.StepsDone - state.Step, console);
        return reason switch
        {
            StopReason.Interrupted => ExitCode.Interrupted,
            StopReason.NotFinite => ExitCode.StoppedByGuard,
            _ => ExitCode.Done,
        };
    }
}
