using System.Diagnostics;
using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Checkpoints;
using P6bNative.Trainer.Data;
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
        RequireOffsetIsUsed(options, setup);
        using RunFolder folder = RunFolder.Create(setup.Settings);
        return Train(setup, folder, new RunState(), resumed: false, console);
    }

    private static int Resume(TrainOptions options, ConsoleContext console)
    {
        using RunFolder folder = RunFolder.Open(options.Resume!);
        TrainingSettings saved = TrainingSettings.Read(folder.Config) with { OutputDir = folder.Path };
        TrainingSettings settings = TrainingFlags.MergeIntoResumed(options, saved);
        using TrainingSetup setup = TrainingSetup.Open(settings);
        bool started = folder.HasProgress;
        RunState state = new();
        if (started)
        {
            state = folder.Checkpoints.Load(setup.Parameters);
            RequireSameData(state, setup);
        }
        else
        {
            setup.InitializeParameters();
        }

        if (settings.MaxSteps <= state.Step)
            throw new InputException($"--max-steps {settings.MaxSteps}: the run is already at step {state.Step}; give a larger number or none.");

        folder.WriteConfig(settings);
        return Train(setup, folder, state, resumed: started, console);
    }

    private static void RequireOffsetIsUsed(TrainOptions options, TrainingSetup setup)
    {
        if (options.TargetOffset is { } offset && setup.Data is SequenceFile && setup.ValidationFile is null or SequenceFile)
            throw new InputException($"--target-offset {offset}: {setup.Data.Path} is a sequence file, whose targets are fixed; leave the flag out.");
    }

    private static void RequireSameData(RunState state, TrainingSetup setup)
    {
        if (state.TrainWindows == setup.Split.Train.Length && state.ValidationWindows == setup.Split.Validation.Length) return;
        throw new InputException(
            $"--resume {setup.Settings.OutputDir}: the run had {state.TrainWindows} training and {state.ValidationWindows} validation windows, "
            + $"the data now have {setup.Split.Train.Length} and {setup.Split.Validation.Length}; bring back the data it was started with.");
    }

    /// <summary>Trains, reports, and turns the reason of the end into an exit code.</summary>
    /// <exception cref="InputException">The device failed.</exception>
    public static int Train(TrainingSetup setup, RunFolder folder, RunState state, bool resumed, ConsoleContext console)
    {
        TrainingReport.WriteHeader(setup, folder, state, resumed, console);
        using StopSignals? signals = console.Stop.CanBeCanceled ? null : new StopSignals();
        CancellationToken stop = signals?.Token ?? console.Stop;
        if (!resumed) RunForecast.Make(setup, folder, console.Output, stop);
        console.Output.WriteLine();
        using var progress = new ProgressLine(console.Output, console.IsTerminal, console.Width);
        using var run = new TrainingRun(setup, folder, state, resumed, progress);
        var clock = Stopwatch.StartNew();
        StopReason reason;
        try
        {
            reason = run.Run(stop);
        }
        catch (DeviceException e)
        {
            progress.Dispose();
            string checkpoint = folder.HasProgress ? $"The checkpoint of step {run.LastCheckpoint} is whole" : "There was no checkpoint yet";
            throw new InputException(
                $"training stopped after step {run.StepsDone}: {e.Message.TrimEnd('.')}. {checkpoint}: once the device works again, "
                + $"p6b train --resume {folder.Path} goes on.", e);
        }

        progress.Dispose();
        TrainingReport.WriteSummary(folder, run, reason, clock.Elapsed, run.StepsDone - state.Step, console);
        return reason switch
        {
            StopReason.Interrupted => ExitCode.Interrupted,
            StopReason.NotFinite or StopReason.Collapsed => ExitCode.StoppedByGuard,
            _ => ExitCode.Done,
        };
    }
}
