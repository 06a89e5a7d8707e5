using System.Buffers.Binary;
using System.Text;

namespace P6bNative.Trainer.Data;

/// <summary>One array of an <see cref="NpzArchive"/>: its header, and readers that convert its elements. Nothing is kept in memory.</summary>
public sealed class NpyArray
{
    private const int BufferBytes = 1 << 16;

    private readonly InputFile _file;
    private readonly ZipMember _member;

    private NpyArray(InputFile file, string key, ZipMember member, NpyHeader header)
    {
        _file = file;
        _member = member;
        Key = key;
        Header = header;
    }

    /// <summary>The name in the archive.</summary>
    public string Key { get; }

    /// <summary>Element type and shape.</summary>
    public NpyHeader Header { get; }

    /// <summary>Whether the elements lie in the file as they are, not deflated.</summary>
    public bool IsStored => _member.IsStored;

    /// <summary>File and key, the start of every message about this array.</summary>
    internal string Where => $"{_file.Path}: {Key}";

    internal static NpyArray Open(InputFile file, string key, ZipMember member)
    {
        using var stream = new ZipMemberStream(file, member);
        string where = $"{file.Path}: {key}";
        NpyHeader header = NpyHeader.Read(stream, where);
        long needed = header.Count * header.ItemSize;
        if (header.ItemSize > 0 && needed != stream.Remaining)
            throw new InputException($"{where}: {header.Descr} of shape {header.ShapeText} needs {needed} bytes, the member has {stream.Remaining}");
        return new NpyArray(file, key, member, header);
    }

    /// <summary>The error that this array is not what it should be.</summary>
    internal InputException Wrong(string what) => new($"{Where}: {what}");

    /// <summary>All elements of a float array, in C order (the last index fastest), as 32-bit floats.</summary>
    /// <exception cref="InputException">The elements are not floats, or the member is damaged.</exception>
    public float[] ReadSingles()
    {
        float[] values = Allocate<float>(Header.Count);
        using NpyValueReader reader = ReadValues();
        reader.ReadSingles(values);
        return Header.FortranOrder ? NpyOrder.ToRowMajor(values, Header.Shape) : values;
    }

    /// <summary>All elements of an integer or boolean array, in C order.</summary>
    /// <exception cref="InputException">The elements are not integers, one does not fit 64 bits signed, or the member is damaged.</exception>
    public long[] ReadIntegers()
    {
        long[] values = Allocate<long>(Header.Count);
        using NpyValueReader reader = ReadValues();
        reader.ReadIntegers(values);
        return Header.FortranOrder ? NpyOrder.ToRowMajor(values, Header.Shape) : values;
    }

    /// <summary>All elements of a text array, in C order, without the padding zeros.</summary>
    /// <exception cref="InputException">The elements are not text, or the member is damaged.</exception>
    public string[] ReadStrings()
    {
        if (Header.Kind != NpyKind.Unicode)
            throw Wrong($"dtype {Header.Descr} is not text (<U)");
        string[] values = Allocate<string>(Header.Count);
        var item = new byte[Header.ItemSize];
        var encoding = new UTF32Encoding(Header.BigEndian, byteOrderMark: false, throwOnInvalidCharacters: true);
        using Stream stream = OpenData();
        for (int i = 0; i < values.Length; i++)
        {
            stream.ReadExactly(item);
            int length = item.Length;
            while (length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(item.AsSpan(length - 4)) == 0)
                length -= 4;
            try
            {
                values[i] = encoding.GetString(item, 0, length);
            }
            catch (ArgumentException e)
            {
                throw new InputException($"{Where} row {i}: not valid text", e);
            }
        }
        return Header.FortranOrder ? NpyOrder.ToRowMajor(values, Header.Shape) : values;
    }

    /// <summary>All elements of an object array: null, bool, long, double, string, or the pickled containers of these.</summary>
    /// <exception cref="InputException">Not an object array, a pickle that holds anything else, or a damaged member.</exception>
    internal object?[] ReadObjects()
    {
        if (Header.Kind != NpyKind.Object)
            throw Wrong($"dtype {Header.Descr} is not object (|O)");
        EnsureFits(Header.Count, IntPtr.Size);
        using var stream = new ZipMemberStream(_file, _member);
        NpyHeader.Read(stream, Where);
        object?[] values = new PickleReader(stream, Where, Header.Count).ReadArray();
        stream.Drain();
        if (values.LongLength != Header.Count)
            throw Wrong($"the pickle holds {values.LongLength} objects, the shape is {Header.ShapeText}");
        return values;
    }

    /// <summary>The raw bytes of the elements, front to back; length and checksum are checked at the end.</summary>
    internal Stream OpenData()
    {
        var stream = new ZipMemberStream(_file, _member);
        NpyHeader.Read(stream, Where);
        return new BufferedStream(stream, BufferBytes);
    }

    /// <summary>A reader that converts the elements in the order of the file.</summary>
    internal NpyValueReader ReadValues()
    {
        var stream = new ZipMemberStream(_file, _member);
        NpyHeader.Read(stream, Where);
        return new NpyValueReader(stream, Header, Where);
    }

    /// <summary>Reads raw bytes in place; for stored arrays only.</summary>
    internal void ReadStored(long dataPosition, Span<byte> destination) => _file.Read(dataPosition, destination);

    /// <summary>Where the elements of a stored array begin in the file.</summary>
    internal long StoredPosition => ZipDirectory.DataOffset(_file, _member) + Header.Length;

    /// <summary>Refuses what cannot be held in memory.</summary>
    internal void EnsureFits(long count, int bytesEach)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (count > available / bytesEach)
            throw Wrong($"{count} elements need {count / 1048576.0 * bytesEach:F0} MiB, this machine has {available >> 20} MiB of memory");
    }

    private T[] Allocate<T>(long count)
    {
        EnsureFits(count, typeof(T) == typeof(float) ? 4 : 8);
        if (count > Array.MaxLength)
            throw Wrong($"{count} elements are more than can be read at once ({Array.MaxLength})");
        return new T[count];
    }
}
