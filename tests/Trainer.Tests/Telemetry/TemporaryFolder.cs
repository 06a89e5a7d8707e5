namespace P6bNative.Trainer.Tests.Telemetry;

internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("p6b-tests-").FullName;

    public string this[string name] => Path.Combine(_path, name);

    public string[] Names => [.. Directory.GetFileSystemEntries(_path).Select(entry => Path.GetFileName(entry)).Order()];

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
