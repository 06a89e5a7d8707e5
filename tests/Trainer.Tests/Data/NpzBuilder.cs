using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace P6bNative.Trainer.Tests.Data;

/// <summary>Makes .npz files, sound or not, byte by byte and without the code under test.</summary>
internal sealed class NpzBuilder(bool deflated = false)
{
    private readonly List<(string Key, byte[] Member)> _members = [];

    public static string Header(string descr, string shape, bool fortran = false) =>
        $"{{'descr': '{descr}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}";

    public static byte[] Npy(string header, ReadOnlySpan<byte> data)
    {
        string text = header + "\n";
        var bytes = new byte[10 + text.Length + data.Length];
        bytes[0] = 0x93;
        "NUMPY\x01\x00"u8.CopyTo(bytes.AsSpan(1));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)text.Length);
        Encoding.Latin1.GetBytes(text, bytes.AsSpan(10));
        data.CopyTo(bytes.AsSpan(10 + text.Length));
        return bytes;
    }

    public NpzBuilder Member(string key, byte[] member)
    {
        _members.Add((key, member));
        return this;
    }

    public NpzBuilder Array(string key, string descr, string shape, ReadOnlySpan<byte> data) => Member(key, Npy(Header(descr, shape), data));

    public NpzBuilder Floats(string key, float[] values, params long[] shape) =>
        Array(key, "<f4", Shape(shape), MemoryMarshal.AsBytes<float>(values));

    public NpzBuilder Halves(string key, float[] values, params long[] shape) =>
        Array(key, "<f2", Shape(shape), MemoryMarshal.AsBytes<Half>(values.Select(value => (Half)value).ToArray()));

    public NpzBuilder Doubles(string key, float[] values, params long[] shape) =>
        Array(key, "<f8", Shape(shape), MemoryMarshal.AsBytes<double>(values.Select(value => (double)value).ToArray()));

    public NpzBuilder Integers(string key, params long[] values) =>
        Array(key, "<i8", Shape([values.Length]), MemoryMarshal.AsBytes<long>(values));

    public NpzBuilder Objects(string key, int count, byte[] pickle) => Array(key, "|O", Shape([count]), pickle);

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string key, byte[] member) in _members)
            {
                ZipArchiveEntry entry = archive.CreateEntry(key + ".npy", deflated ? CompressionLevel.Optimal : CompressionLevel.NoCompression);
                using Stream content = entry.Open();
                content.Write(member);
            }
        }
        return stream.ToArray();
    }

    public string Write(string path)
    {
        File.WriteAllBytes(path, ToBytes());
        return path;
    }

    private static string Shape(long[] shape) => shape.Length == 1 ? $"({shape[0]},)" : $"({string.Join(", ", shape)})";
}
