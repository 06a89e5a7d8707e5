namespace P6bNative.Trainer.Data;

/// <summary>
/// A numpy .npz file: a zip archive of .npy members, stored or deflated, zip64 or not; other members are passed over. Opening reads
/// the directory only; every failure is an <see cref="InputException"/> that names file and key.
/// </summary>
public sealed class NpzArchive : IDisposable
{
    private readonly InputFile _file;
    private readonly Dictionary<string, ZipMember> _members = new(StringComparer.Ordinal);
    private readonly List<string> _keys = [];

    private NpzArchive(InputFile file)
    {
        _file = file;
        foreach (ZipMember member in ZipDirectory.Read(file))
        {
            if (!member.Name.EndsWith(".npy", StringComparison.Ordinal))
                continue;
            string key = member.Name[..^4];
            if (!_members.TryAdd(key, member))
                throw new InputException($"{file.Path}: the key {key} occurs twice");
            _keys.Add(key);
        }
    }

    /// <summary>The file, as named by the user.</summary>
    public string Path => _file.Path;

    /// <summary>The keys in the order of the archive, without the ending <c>.npy</c>.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <summary>Opens an archive.</summary>
    /// <exception cref="InputException">The file is missing, cannot be read, is no zip archive or a damaged one.</exception>
    public static NpzArchive Open(string path)
    {
        InputFile file = InputFile.Open(path);
        try
        {
            return new NpzArchive(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether there is an array of this name.</summary>
    public bool Contains(string key) => _members.ContainsKey(key);

    /// <summary>The first of several names that the archive has, or null.</summary>
    public string? FirstOf(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (_members.ContainsKey(key))
                return key;
        }
        return null;
    }

    /// <summary>The array of this name; its header is read and checked against the size of the member.</summary>
    /// <exception cref="InputException">There is no such key, or its header is damaged.</exception>
    public NpyArray Get(string key)
    {
        if (!_members.TryGetValue(key, out ZipMember? member))
            throw new InputException($"{Path}: no key {key}; the file has {MessageText.OneLine(string.Join(", ", _keys), 300)}");
        return NpyArray.Open(_file, key, member);
    }

    /// <summary>Closes the file; arrays of this archive cannot be read afterwards.</summary>
    public void Dispose() => _file.Dispose();
}
