using System.Runtime.InteropServices;

namespace P6bNative.Trainer.Data;

/// <summary>Takes the values of one array of an <see cref="NpzWriter"/>, in C order, in pieces of any size.</summary>
public sealed class NpyRowWriter : IDisposable
{
    private readonly NpzWriter _archive;
    private readonly ZipMember _member;
    private readonly bool _sized;
    private long _left;
    private long _written;
    private uint _crc;

    /// <summary>Begins the content of a member.</summary>
    /// <param name="archive">Where it goes.</param>
    /// <param name="member">Its size, unless that is only known at the end.</param>
    /// <param name="sized">Whether the size is known; if not, <see cref="Finish"/> ends the array.</param>
    internal NpyRowWriter(NpzWriter archive, ZipMember member, bool sized)
    {
        _archive = archive;
        _member = member;
        _sized = sized;
        _left = sized ? member.Size : long.MaxValue;
    }

    /// <summary>Appends values.</summary>
    /// <exception cref="InputException">The disk is full or fails.</exception>
    /// <exception cref="InvalidOperationException">More values than the shape has.</exception>
    public void Write(ReadOnlySpan<float> values) => WriteBytes(MemoryMarshal.AsBytes(values));

    /// <summary>Ends the array. Without all its values the file cannot be completed.</summary>
    public void Dispose()
    {
        if (_sized && _left == 0)
            Finish();
        _left = -1;
    }

    /// <summary>Ends an array whose size was not known.</summary>
    internal void Finish() => _archive.End(_member with { Crc = _crc, Size = _written, CompressedSize = _written });

    internal void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _left)
            throw new InvalidOperationException($"{_member.Name}: {bytes.Length} bytes more, but its shape leaves {Math.Max(0, _left)}.");
        _archive.Append(bytes);
        _crc = Crc32.Append(_crc, bytes);
        _left -= bytes.Length;
        _written += bytes.Length;
    }
}
