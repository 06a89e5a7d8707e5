using Microsoft.Win32.SafeHandles;

namespace P6bNative.Trainer.Data;

/// <summary>
/// A file read at positions, by any number of threads. Positioned reads instead of a memory map: a file that shrinks or a disk that
/// fails ends in an <see cref="InputException"/>, not in the death of the process; the pages are cached by the system all the same.
/// </summary>
internal sealed class InputFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    private InputFile(string path, SafeFileHandle handle, long length)
    {
        Path = path;
        _handle = handle;
        Length = length;
    }

    public string Path { get; }

    public long Length { get; }

    public static InputFile Open(string path)
    {
        string name = MessageText.OneLine(path, 4096);
        if (Directory.Exists(path))
            throw new InputException($"{name}: is a directory; an .npz file is needed");
        if (!File.Exists(path))
            throw new InputException($"{name}: no such file");
        SafeFileHandle? handle = null;
        try
        {
            // Asked before opening: opening a pipe would wait for a writer, and it has no length.
            var info = new FileInfo(path);
            if ((info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info).Length == 0)
                throw new InputException($"{name}: is empty; an .npz file is needed");
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);
            var file = new InputFile(name, handle, RandomAccess.GetLength(handle));
            handle = null;
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InputException($"{name}: cannot be read: {MessageText.OneLine(e.Message)}", e);
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>Fills the whole span from a position of the file.</summary>
    public void Read(long position, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int count = ReadSome(position, destination);
            if (count == 0)
                throw new InputException($"{Path}: truncated: the file ends at byte {position}, {destination.Length} more were expected");
            position += count;
            destination = destination[count..];
        }
    }

    /// <summary>Reads up to the length of the span; 0 at the end of the file.</summary>
    public int ReadSome(long position, Span<byte> destination)
    {
        try
        {
            return RandomAccess.Read(_handle, destination, position);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{Path}: cannot be read at byte {position}: {MessageText.OneLine(e.Message)}", e);
        }
    }

    public void Dispose() => _handle.Dispose();
}
