namespace P6bNative.Model.Tests;

/// <summary>A folder that disappears with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("p6b-model-tests-");

    public string this[string file] => Path.Combine(_folder.FullName, file);

    public IEnumerable<string> Files => _folder.GetFiles().Select(file => file.Name).Order();

    public void Dispose() => _folder.Delete(recursive: true);
}
