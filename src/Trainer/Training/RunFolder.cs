using P6bNative.Trainer.Checkpoints;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Training;

/// <summary>The folder of a run and the names of its files.</summary>
internal sealed class RunFolder : IDisposable
{
    private const string LockFile = "run.lock";

    private FileStream? _lock;

    private RunFolder(string path)
    {
        Path = path;
        Checkpoints = new CheckpointFolder(path);
    }

    /// <summary>Absolute path of the folder.</summary>
    public string Path { get; }

    /// <summary>Weights and optimizer state.</summary>
    public CheckpointFolder Checkpoints { get; }

    /// <summary>Effective settings.</summary>
    public string Config => System.IO.Path.Combine(Path, "config.json");

    /// <summary>One JSON object a logged step.</summary>
    public string Metrics => System.IO.Path.Combine(Path, "metrics.jsonl");

    /// <summary>The text lines of the original.</summary>
    public string Log => System.IO.Path.Combine(Path, "training.log");

    /// <summary>One record an epoch.</summary>
    public string History => System.IO.Path.Combine(Path, "history.json");

    /// <summary>Where the mode was forecast to come to rest, made before the first step.</summary>
    public string Forecast => System.IO.Path.Combine(Path, "forecast.json");

    /// <summary>
    /// Whether the run got as far as a checkpoint. A run killed before its first one starts again from the beginning, since nothing
    /// but its settings exists; results without a checkpoint mean that a file was lost, which <see cref="CheckpointFolder.Load"/> reports.
    /// </summary>
    public bool HasProgress => File.Exists(Checkpoints.State) || File.Exists(Checkpoints.Best) || File.Exists(History);

    /// <summary>Creates the folder of a new run and writes its config.</summary>
    /// <exception cref="InputException">It already holds a run, or cannot be written.</exception>
    public static RunFolder Create(TrainingSettings settings)
    {
        var folder = new RunFolder(settings.OutputDir);
        if (folder.HasProgress)
            throw new InputException($"{folder.Path}: already holds a run; go on with --resume {folder.Path}, or name another --output-dir.");
        try
        {
            Directory.CreateDirectory(folder.Path);
            folder.Lock();
            folder.WriteConfig(settings);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--output-dir {folder.Path}: cannot be written: {e.Message.ReplaceLineEndings(" ")}", e);
        }

        return folder;
    }

    /// <summary>Opens the folder of a run to resume.</summary>
    /// <exception cref="InputException">It holds no run.</exception>
    public static RunFolder Open(string path)
    {
        var folder = new RunFolder(System.IO.Path.GetFullPath(path));
        if (!File.Exists(folder.Config)) throw new InputException($"--resume {path}: no run there (config.json is missing).");
        folder.Lock();
        foreach (string leftover in Directory.EnumerateFiles(folder.Path, "*.tmp")) File.Delete(leftover);
        return folder;
    }

    /// <summary>Lets other processes have the folder.</summary>
    public void Dispose()
    {
        if (_lock is null) return;
        _lock.Dispose();
        File.Delete(System.IO.Path.Combine(Path, LockFile));
    }

    /// <summary>Writes config.json.</summary>
    public void WriteConfig(TrainingSettings settings) => AtomicFile.Write(Config, stream => stream.Write(settings.ToJson()));

    /// <summary>Writes history.json.</summary>
    public void SaveHistory(IReadOnlyList<EpochRecord> epochs, double? bestValidationLoss, long parameters) => new History
    {
        Epochs = [.. epochs],
        BestValidationLoss = bestValidationLoss ?? double.NaN,
        FinalParams = parameters,
        TrainedAt = DateTimeOffset.Now,
    }.Save(History);

    /// <summary>Two processes that write one run would mix their checkpoints. The system releases the lock of a killed one.</summary>
    private void Lock()
    {
        try
        {
            _lock = new FileStream(System.IO.Path.Combine(Path, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(System.IO.Path.Combine(Path, LockFile)))
        {
            throw new InputException($"{Path}: another process is training in this folder; wait for it or stop it.", e);
        }
    }
}
