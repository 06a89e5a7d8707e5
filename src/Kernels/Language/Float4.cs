using System.Runtime.InteropServices;

namespace P6bNative.Kernels.Language;

/// <summary>Four floats, loaded and stored as 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public struct Float4
{
    /// <summary>Component 0.</summary>
    public float X;

    /// <summary>Component 1.</summary>
    public float Y;

    /// <summary>Component 2.</summary>
    public float Z;

    /// <summary>Component 3.</summary>
    public float W;

    /// <summary>From its components.</summary>
    public Float4(float x, float y, float z, float w) => (X, Y, Z, W) = (x, y, z, w);
}
