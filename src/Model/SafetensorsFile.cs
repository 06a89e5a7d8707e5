using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace P6bNative.Model;

/// <summary>
/// A safetensors file open for reading: 8 bytes with the length of a JSON header, the header, then the raw elements, little-endian. The
/// header is checked when the file is opened; elements are read where and when they are asked for.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int ChunkBytes = 1 << 18;
    private readonly SafeFileHandle _handle;
    private readonly SafetensorsHeader _header;
    private readonly Dictionary<string, SafetensorsEntry> _byName;
    private readonly long _dataStart;

    private SafetensorsFile(string path, SafeFileHandle handle, SafetensorsHeader header, long dataStart)
    {
        Path = path;
        _handle = handle;
        _header = header;
        _dataStart = dataStart;
        _byName = header.Entries.ToDictionary(entry => entry.Name);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The strings under <c>__metadata__</c>; empty where there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>The tensors in the order of the header.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => _header.Entries;

    /// <summary>The tensor of this name.</summary>
    /// <exception cref="SafetensorsException">There is none.</exception>
    public SafetensorsEntry this[string name] =>
        _byName.TryGetValue(name, out SafetensorsEntry? entry) ? entry : throw new SafetensorsException($"{Path}: there is no tensor '{name}'.");

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="SafetensorsException">The file cannot be read or is not a sound safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path);
            long fileLength = RandomAccess.GetLength(handle);
            long headerLength = ReadHeaderLength(path, handle, fileLength);
            var json = new byte[headerLength];
            ReadExactly(path, handle, json, sizeof(long));
            long dataStart = sizeof(long) + headerLength;
            return new SafetensorsFile(path, handle, SafetensorsHeader.Parse(path, json, fileLength - dataStart), dataStart);
        }
        catch (Exception exception)
        {
            handle?.Dispose();
            if (exception is IOException or UnauthorizedAccessException)
                throw new SafetensorsException($"{path}: cannot be read: {SafetensorsHeader.OneLine(exception.Message)}", exception);
            throw;
        }
    }

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>Reads elements [start, start + destination.Length) of a tensor, converted to float.</summary>
    /// <param name="name">A tensor of type F32, F16, BF16 or F64.</param>
    /// <param name="start">First element.</param>
    /// <param name="destination">Where they go.</param>
    /// <exception cref="SafetensorsException">No such tensor, another type, or the file has become shorter.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range lies outside the tensor.</exception>
    public void Read(string name, long start, Span<float> destination)
    {
        SafetensorsEntry entry = this[name];
        if (start < 0 || start > entry.Length - destination.Length)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"'{name}' has {entry.Length} elements.");
        switch (entry.Type)
        {
            case "F32":
                ReadExactly(Path, _handle, MemoryMarshal.AsBytes(destination), _dataStart + entry.Begin + start * sizeof(float));
                break;
            case "F16":
                ReadConverted(entry, start, destination, 2, bytes => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes));
                break;
            case "BF16":
                ReadConverted(entry, start, destination, 2, FromBFloat16);
                break;
            case "F64":
                ReadConverted(entry, start, destination, 8, bytes => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes));
                break;
            default:
                throw new SafetensorsException(
                    $"{Path}: tensor '{SafetensorsHeader.OneLine(name)}' has type {entry.Type}; F32, F16, BF16 or F64 is needed.");
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    private delegate float Conversion(ReadOnlySpan<byte> element);

    /// <summary>A BF16 number is the upper half of a float.</summary>
    private static float FromBFloat16(ReadOnlySpan<byte> element) =>
        BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(element) << 16);

    private static long ReadHeaderLength(string path, SafeFileHandle handle, long fileLength)
    {
        if (fileLength < sizeof(long))
            throw new SafetensorsException($"{path}: is {fileLength} bytes long; a safetensors file has at least 8.");
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        ReadExactly(path, handle, prefix, 0);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > (ulong)Math.Min(SafetensorsHeader.MaximumLength, fileLength - sizeof(long)))
        {
            throw new SafetensorsException(
                $"{path}: announces a header of {length} bytes in a file of {fileLength} (at most {SafetensorsHeader.MaximumLength}): "
                + "not a safetensors file, or truncated.");
        }

        return (long)length;
    }

    private static void ReadExactly(string path, SafeFileHandle handle, Span<byte> destination, long offset)
    {
        while (!destination.IsEmpty)
        {
            int count = RandomAccess.Read(handle, destination, offset);
            if (count == 0)
                throw new SafetensorsException($"{path}: ends at byte {offset}, in the middle of what the header announces.");
            destination = destination[count..];
            offset += count;
        }
    }

    private void ReadConverted(SafetensorsEntry entry, long start, Span<float> destination, int elementSize, Conversion convert)
    {
        var chunk = new byte[Math.Min(ChunkBytes, destination.Length * elementSize)];
        int done = 0;
        while (done < destination.Length)
        {
            int count = Math.Min(chunk.Length / elementSize, destination.Length - done);
            ReadExactly(Path, _handle, chunk.AsSpan(0, count * elementSize), _dataStart + entry.Begin + (start + done) * elementSize);
            for (int i = 0; i < count; i++)
                destination[done + i] = convert(chunk.AsSpan(i * elementSize, elementSize));
            done += count;
        }
    }
}
