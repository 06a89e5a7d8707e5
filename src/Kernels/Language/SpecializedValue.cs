namespace P6bNative.Kernels.Language;

/// <summary>A kernel parameter that is a constant of the compiled program: one program per set of values.</summary>
/// <typeparam name="T">int.</typeparam>
/// <param name="Value">The constant.</param>
public readonly record struct SpecializedValue<T>(T Value)
    where T : unmanaged
{
    /// <summary>The constant.</summary>
    public static implicit operator T(SpecializedValue<T> value) => value.Value;
}
