namespace P6bNative.Kernels.Host.Simd;

/// <summary>
/// Sixteen logical lanes, whatever the register: 1×512, 2×256, 4×128 bits or 16 scalars. Every width does the same 16-lane
/// arithmetic in the same order, so element-wise kernels and reductions written over it give the same bits on every width.
/// A lane is 32 bits: a float, an unsigned integer (members ending in Bits) or a mask of all ones or zeros.
/// </summary>
internal unsafe interface ILanes16<T>
    where T : unmanaged, ILanes16<T>
{
    /// <summary>The integers 0 .. 15.</summary>
    static abstract T LaneBits { get; }

    /// <summary>Reads 16 floats; any alignment.</summary>
    static abstract T Load(float* source);

    /// <summary>Writes 16 floats; any alignment.</summary>
    static abstract void Store(T value, float* destination);

    /// <summary>The same float in every lane.</summary>
    static abstract T Create(float value);

    /// <summary>The same integer in every lane.</summary>
    static abstract T CreateBits(uint value);

    static abstract T operator +(T a, T b);

    static abstract T operator -(T a, T b);

    static abstract T operator *(T a, T b);

    static abstract T operator /(T a, T b);

    /// <summary>a·b + c, rounded once where the processor can (<see cref="VectorWidths.IsFused"/>).</summary>
    static abstract T Fma(T a, T b, T c);

    static abstract T Sqrt(T a);

    /// <summary>a where a &gt; b, else b: a NaN in <paramref name="b"/> survives, one in <paramref name="a"/> does not.</summary>
    static abstract T Max(T a, T b);

    /// <summary>a where a &lt; b, else b: a NaN in <paramref name="b"/> survives, one in <paramref name="a"/> does not.</summary>
    static abstract T Min(T a, T b);

    /// <summary>Mask of the lanes with a &gt; b, as floats.</summary>
    static abstract T GreaterThan(T a, T b);

    /// <summary>Lanes of <paramref name="a"/> where the mask is set, of <paramref name="b"/> elsewhere.</summary>
    static abstract T Select(T mask, T a, T b);

    static abstract T operator &(T a, T b);

    static abstract T operator |(T a, T b);

    static abstract T operator ^(T a, T b);

    /// <summary>a + b mod 2³².</summary>
    static abstract T AddBits(T a, T b);

    /// <summary>a·b mod 2³².</summary>
    static abstract T MultiplyBits(T a, T b);

    static abstract T ShiftLeftBits(T a, int count);

    /// <summary>Logical shift: zeros enter from the left.</summary>
    static abstract T ShiftRightBits(T a, int count);

    /// <summary>Mask of the lanes with a ≥ b, as unsigned integers.</summary>
    static abstract T AtLeastBits(T a, T b);

    /// <summary>Sum over a fixed tree: lane i + lane i+8, then +4, +2, +1.</summary>
    static abstract float Sum(T a);

    /// <summary>Writes the <see cref="Sum"/> of each, cheaper than four of them.</summary>
    static abstract void StoreSums(T a, T b, T c, T d, float* destination);

    /// <summary>Maximum over the tree of <see cref="Sum"/>.</summary>
    static abstract float Maximum(T a);
}
