using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace P6bNative.Trainer.Data;

/// <summary>
/// Writes a .npz file that numpy reads: stored members, zip64 where sizes or positions need it. Arrays are streamed, one after the other,
/// into a file beside the target; <see cref="Complete"/> puts it in place in one step, so a broken run leaves no half file.
/// </summary>
public sealed class NpzWriter : IDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _stream;
    private readonly List<ZipMember> _members = [];
    private NpyRowWriter? _open;
    private bool _completed;

    /// <summary>Begins a file; an existing one is replaced when this one is complete.</summary>
    /// <exception cref="InputException">The file cannot be created there.</exception>
    public NpzWriter(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
        _temporary = $"{path}.{Environment.ProcessId}.tmp";
        if (Directory.Exists(path))
            throw new InputException($"{MessageText.OneLine(path, 4096)}: is a directory; the name of a file is needed");
        try
        {
            _stream = new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failure(e);
        }
    }

    /// <summary>Begins a float32 array in C order. Write all its values and dispose the writer before the next array.</summary>
    /// <param name="name">Key of the array.</param>
    /// <param name="shape">Extent of each axis.</param>
    public NpyRowWriter Add(string name, params ReadOnlySpan<long> shape) => Begin(name, "<f4", shape, sizeof(float));

    /// <summary>Adds an int64 array in C order.</summary>
    /// <param name="name">Key of the array.</param>
    /// <param name="shape">Extent of each axis.</param>
    /// <param name="values">Its values.</param>
    public void AddIntegers(string name, ReadOnlySpan<long> shape, ReadOnlySpan<long> values)
    {
        using NpyRowWriter writer = Begin(name, "<i8", shape, sizeof(long));
        writer.WriteBytes(MemoryMarshal.AsBytes(values));
    }

    /// <summary>Adds a whole number: an int64 array of shape ().</summary>
    /// <param name="name">Key of the array.</param>
    /// <param name="value">Its value.</param>
    public void AddScalar(string name, long value)
    {
        using NpyRowWriter writer = Begin(name, "<i8", [], sizeof(long));
        writer.WriteBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in value)));
    }

    /// <summary>Adds True or False: a boolean array of shape ().</summary>
    /// <param name="name">Key of the array.</param>
    /// <param name="value">Its value.</param>
    public void AddScalar(string name, bool value)
    {
        using NpyRowWriter writer = Begin(name, "|b1", [], 1);
        writer.WriteBytes([value ? (byte)1 : (byte)0]);
    }

    /// <summary>Adds a text: an array of shape (), dtype U with as many characters as the text has.</summary>
    /// <param name="name">Key of the array.</param>
    /// <param name="text">Its value.</param>
    public void AddScalar(string name, string text)
    {
        byte[] characters = Encoding.UTF32.GetBytes(text.Length > 0 ? text : "\0");
        using NpyRowWriter writer = Begin(name, $"<U{characters.Length / 4}", [], characters.Length);
        writer.WriteBytes(characters);
    }

    /// <summary>Begins an array of any element type, whose bytes the caller has.</summary>
    /// <param name="name">Key of the array.</param>
    /// <param name="descr">The element type as numpy writes it.</param>
    /// <param name="itemSize">Bytes of an element.</param>
    /// <param name="shape">Extent of each axis.</param>
    internal NpyRowWriter AddBytes(string name, string descr, int itemSize, ReadOnlySpan<long> shape) => Begin(name, descr, shape, itemSize);

    /// <summary>Adds an array of Python objects; <paramref name="write"/> hands all of them to the pickle, in C order.</summary>
    internal void AddObjects(string name, ReadOnlySpan<long> shape, Action<PickleWriter> write)
    {
        using NpyRowWriter writer = Open(name, NpyHeaderBytes("|O", shape), contentSize: null);
        var pickle = new PickleWriter(writer);
        pickle.BeginArray(shape);
        write(pickle);
        pickle.EndArray();
        writer.Finish();
    }

    /// <summary>Writes the directory and puts the file in place.</summary>
    /// <exception cref="InputException">The disk is full, or the file cannot be put there.</exception>
    public void Complete()
    {
        if (_open is not null || _completed)
            throw new InvalidOperationException("Dispose the writer of the last array first, and complete a file once.");
        Attempt(() =>
        {
            ZipDirectoryWriter.Write(_stream, _members);
            _stream.Flush(flushToDisk: true);
            _stream.Dispose();
            File.Move(_temporary, _path, overwrite: true);
        });
        _completed = true;
    }

    /// <summary>Removes what was written, unless the file is complete.</summary>
    public void Dispose()
    {
        if (_completed)
            return;
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // The buffer could not be flushed; the file is deleted anyway.
        }
        File.Delete(_temporary);
    }

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Write(bytes);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failure(e);
        }
    }

    // Checksum, and of some members the size, are known only now; their places in the local header were left open.
    internal void End(ZipMember member) => Attempt(() =>
    {
        byte[] header = ZipDirectoryWriter.LocalHeader(member);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(14), member.Crc);
        long end = _stream.Position;
        _stream.Position = member.HeaderOffset;
        _stream.Write(header);
        _stream.Position = end;
        _members.Add(member);
        _open = null;
    });

    private NpyRowWriter Begin(string name, string descr, ReadOnlySpan<long> shape, int itemSize)
    {
        long count = 1;
        foreach (long extent in shape)
            count = checked(count * extent);
        return Open(name, NpyHeaderBytes(descr, shape), checked(count * itemSize));
    }

    private NpyRowWriter Open(string name, byte[] header, long? contentSize)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (_open is not null || _completed || _members.Any(member => member.Name == name + ".npy"))
            throw new InvalidOperationException($"Array {name}: the array before is not finished, or the name is taken.");
        long size = contentSize is { } content ? header.Length + content : 0;
        var member = new ZipMember(name + ".npy", ZipMember.Stored, 0, size, size, _stream.Position);
        Append(ZipDirectoryWriter.LocalHeader(member));
        _open = new NpyRowWriter(this, member, sized: contentSize is not null);
        _open.WriteBytes(header);
        return _open;
    }

    // numpy pads with spaces so that the data begins at a multiple of 64, and ends with a line feed.
    private static byte[] NpyHeaderBytes(string descr, ReadOnlySpan<long> shape)
    {
        string text = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {MessageText.Shape(shape)}, }}";
        int length = (10 + text.Length + 1 + 63) / 64 * 64;
        var header = new byte[length];
        header.AsSpan().Fill((byte)' ');
        header[0] = 0x93;
        "NUMPY\x01\x00"u8.CopyTo(header.AsSpan(1));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)(length - 10));
        Encoding.ASCII.GetBytes(text, header.AsSpan(10));
        header[^1] = (byte)'\n';
        return header;
    }

    private void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failure(e);
        }
    }

    private static bool IsFailure(Exception e) => e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;

    private InputException Failure(Exception e) => new($"{MessageText.OneLine(_path, 4096)}: cannot be written: {MessageText.OneLine(e.Message)}", e);
}
