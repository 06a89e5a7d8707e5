using System.Security.Cryptography;
using System.Text;

namespace P6bNative.Kernels.Devices;

/// <summary>
/// Compiled programs on disk, one file each, named by the hash of all that they depend on. A file begins with the hash of its contents:
/// what does not match is taken as missing. A folder that cannot be read or written is no error; programs are then compiled each time.
/// </summary>
/// <param name="folder">Where the files are; null keeps nothing.</param>
internal sealed class ProgramCache(string? folder)
{
    /// <summary>The cache of this user: p6b in the system's folder for caches.</summary>
    public static ProgramCache OfUser { get; } = new(UserFolder());

    /// <summary>A cache that keeps nothing.</summary>
    public static ProgramCache None { get; } = new(null);

    /// <summary>Whether anything is kept.</summary>
    public bool Keeps => folder is not null;

    /// <summary>The name of a program: the hash of everything that changes what the compiler makes of it.</summary>
    public static string Key(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in parts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A kept program; null where there is none, or it is damaged.</summary>
    public byte[]? Read(string key)
    {
        if (folder is null)
            return null;
        try
        {
            string file = FileOf(folder, key);
            byte[] bytes = File.Exists(file) ? File.ReadAllBytes(file) : [];
            if (bytes.Length <= SHA256.HashSizeInBytes)
                return null;
            ReadOnlySpan<byte> content = bytes.AsSpan(SHA256.HashSizeInBytes);
            return SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(0, SHA256.HashSizeInBytes)) ? content.ToArray() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps a program. Several processes may write the same one: the file appears whole, by renaming.</summary>
    public void Write(string key, ReadOnlySpan<byte> content)
    {
        if (folder is null || content.IsEmpty)
            return;
        string temporary = Path.Combine(folder, $"{key}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            using (FileStream file = File.Create(temporary))
            {
                file.Write(SHA256.HashData(content));
                file.Write(content);
            }
            File.Move(temporary, FileOf(folder, key), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Forget(temporary);
        }
    }

    private static string FileOf(string folder, string key) => Path.Combine(folder, key + ".bin");

    private static void Forget(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be written cannot be tidied either.
        }
    }

    private static string? UserFolder()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string? caches = OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set
            : home.Length == 0 ? null
            : Path.Combine(home, OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache");
        return string.IsNullOrEmpty(caches) ? null : Path.Combine(caches, "p6b", "programs");
    }
}
