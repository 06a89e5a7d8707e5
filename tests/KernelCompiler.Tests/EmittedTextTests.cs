namespace P6bNative.KernelCompiler.Tests;

/// <summary>The text of each feature of the language.</summary>
public class EmittedTextTests
{
    [Theory]
    [MemberData(nameof(Statements))]
    public void Statement_IsTranslated(string csharp, string expected)
    {
        string text = Translation.OfClass(
            $$"""
            private const int Tile = 64;
            private static readonly float Half = 0.5f;

            [Kernel(64)]
            public static void Try(
                ArrayView<float> x, ArrayView<uint> bits, ArrayView<Float4> quads, int i, int j, uint u, uint v, long l, ulong w, float f, float g,
                SpecializedValue<int> width)
            {
                bool b = i > 0;
                {
                    {{csharp}}
                }
            }

            private static float Twice(float value) => value * 2f;

            private static void Swap(ref float a, ref float b)
            {
                float c = a;
                a = b;
                b = c;
            }
            """).OpenCl;
        Assert.Contains(Indented(expected), text, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Statements() => new()
    {
        // Integers wrap: what may leave its type is computed unsigned.
        { "i = i + j;", "i = (int)((uint)i + j);" },
        { "i = i * j + j * 4 - 1;", "i = (int)((uint)i * j + (uint)j * 4 - 1);" },
        { "i += j * 2;", "i = (int)((uint)i + (uint)j * 2);" },
        { "i++;", "i = (int)((uint)i + 1);" },
        { "i = -j;", "i = (int)-(uint)j;" },
        { "l = l * 3 + i;", "l = (int64)((uint64)l * (int64)3 + (int64)i);" },
        { "u = u * v + 1;", "u = u * v + 1u;" },
        { "u += v;", "u += v;" },
        { "u++;", "u++;" },
        { "w = w * 0x9E3779B97F4A7C15UL + 1;", "w = w * 0x9E3779B97F4A7C15UL + (uint64)1;" },
        // Where no operand can take it out of its type it stays plain.
        { "i = Group.IdxX * 4 + 3;", "i = Group_IdxX * 4 + 3;" },
        { "i = Group.IdxX / 8 * Tile + Group.IdxX % 8;", "i = Group_IdxX / 8 * Tile + Group_IdxX % 8;" },
        { "int row = Group.IdxX >> 2; i = row * Tile;", "int row = Group_IdxX >> 2;\n        i = row * Tile;" },
        { "for (int k = 0; k < i; k++) { x[k] = f; }", "for (int k = 0; k < i; k++)\n        {\n            x[k] = f;\n        }" },
        { "for (int k = 0; k < Tile; k += 16) x[k * 4 + 1] = f;", "for (int k = 0; k < Tile; k += 16)\n            x[k * 4 + 1] = f;" },
        { "for (int k = 63; k >= 0; k--) x[k] = f;", "for (int k = 63; k >= 0; k--)\n            x[k] = f;" },
        { "for (int k = 0; k < 63; k -= -2) x[k] = f;", "for (int k = 0; k < 63; k -= -2)\n            x[k] = f;" },
        { "for (int k = j; k < i; k += 4) x[k] = f;", "for (int k = j; k < i; k = (int)((uint)k + 4))\n            x[k] = f;" },
        {
            "for (int k = 0, n = 3; k < n; k++, n--) x[k] = f;",
            "for (int k = 0, n = 3; k < n; k = (int)((uint)k + 1), n = (int)((uint)n - 1))\n            x[k] = f;"
        },
        { "i = (Tile + 4) * 2;", "i = (Tile + 4) * 2;" },
        { "i = width * 4 + width.Value * width;", "i = Try_width * 4 + Try_width * Try_width;" },
        // Shifts: counts masked, left shifts unsigned, right shifts of int arithmetic.
        { "i = j << 3;", "i = (int)((uint)j << 3);" },
        { "i = j << i;", "i = (int)((uint)j << (i & 31));" },
        { "i = j << 33;", "i = (int)((uint)j << 1);" },
        { "i = j >> i;", "i = j >> (i & 31);" },
        { "i = j >>> 3;", "i = (int)((uint)j >> 3);" },
        { "u = u << i;", "u = u << (i & 31);" },
        { "w >>= i;", "w >>= i & 63;" },
        { "i >>>= 2;", "i = (int)((uint)i >> 2);" },
        { "u = (u >> 3) ^ v;", "u = (u >> 3) ^ v;" },
        { "u = ~u & v | 1u;", "u = (~u & v) | 1u;" },
        // uint and int meet in long.
        { "b = i < u;", "b = (int64)i < (int64)u;" },
        { "l = i + u;", "l = (int64)((uint64)(int64)i + (int64)u);" },
        { "l = -u;", "l = (int64)-(uint64)(int64)u;" },
        // Conversions.
        { "f = i;", "f = (float)i;" },
        { "f = (float)u * g;", "f = (float)u * g;" },
        { "i = (int)f;", "i = float_to_int(f);" },
        { "u = (uint)f;", "u = float_to_uint(f);" },
        { "l = (long)f;", "l = float_to_int64(f);" },
        { "w = (ulong)f;", "w = float_to_uint64(f);" },
        { "i = (int)l;", "i = (int)l;" },
        { "u = (uint)(i + j);", "u = (uint)i + j;" },
        { "w = (ulong)i;", "w = (uint64)i;" },
        // Floats.
        { "f = -0f;", "f = -0.0f;" },
        { "f = 0.1f;", "f = 0.1f;" },
        { "f = float.MaxValue;", "f = 3.4028235E+38f;" },
        { "f = float.PositiveInfinity;", "f = INT_AS_FLOAT(0x7F800000u);" },
        { "f = float.NaN;", "f = INT_AS_FLOAT(0xFFC00000u);" },
        { "f = (float)(1.0 / 3.0);", "f = 0.33333334f;" },
        { "f = f * g + 1f;", "f = f * g + 1.0f;" },
        { "f = f - (g - 1f);", "f = f - (g - 1.0f);" },
        { "f = Half * f;", "f = 0.5f * f;" },
        { "f = -(-f);", "f = -(-f);" },
        // Functions.
        { "f = XMath.Fma(f, g, 1f);", "f = XMath_Fma(f, g, 1.0f);" },
        {
            "f = XMath.Exp(XMath.Log(f)) + XMath.Tanh(g) + XMath.Erf(f) + XMath.Sqrt(f) + XMath.Abs(g);",
            "f = XMath_Exp(XMath_Log(f)) + XMath_Tanh(g) + XMath_Erf(f) + XMath_Sqrt(f) + XMath_Abs(g);"
        },
        { "f = XMath.Max(f, XMath.Min(g, 0f));", "f = float_max(f, float_min(g, 0.0f));" },
        { "i = XMath.Max(i, XMath.Min(j, 0));", "i = int_max(i, int_min(j, 0));" },
        { "u = Interop.FloatAsInt(f);", "u = FLOAT_AS_INT(f);" },
        { "f = Interop.IntAsFloat(u);", "f = INT_AS_FLOAT(u);" },
        { "b = float.IsNaN(f) || float.IsFinite(g);", "b = float_is_nan(f) || float_is_finite(g);" },
        { "f = Twice(f) + Twice(g);", "f = Twice(f) + Twice(g);" },
        { "Swap(ref f, ref g);", "Swap(&f, &g);" },
        // Conditions.
        { "b = i > 0 && (j > 0 || u != v) && !b;", "b = i > 0 && (j > 0 || u != v) && !b;" },
        { "b = b || i > 0 && j > 0;", "b = b || (i > 0 && j > 0);" },
        { "f = b ? f : i == j ? g : 0f;", "f = b ? f : i == j ? g : 0.0f;" },
        {
            "if (b) f = g; else if (i < 0) f = 0f; else { f = 1f; }",
            "if (b)\n            f = g;\n        else if (i < 0)\n            f = 0.0f;\n        else\n        {\n            f = 1.0f;\n        }"
        },
        { "b &= i > j;", "b &= i > j;" },
        // Loops.
        {
            "while (i < j) { if (b) break; continue; }",
            "while (i < j)\n        {\n            if (b)\n                break;\n            continue;\n        }"
        },
        { "do { u = u >> 1; } while (u > 7);", "do\n        {\n            u = u >> 1;\n        }\n        while (u > 7u);" },
        { "return;", "return;" },
        // Memory.
        { "x[i] += x[l] * f;", "x[i] += x[l] * f;" },
        { "var row = x.SubView(i, j); row[0] = f;", "GLOBAL float *row = x + i;\n        row[0] = f;" },
        { "x.SubView(i * j, 4)[1] = f;", "(x + (int)((uint)i * j))[1] = f;" },
        { "x.Cast<Float4>()[i] = quads[j];", "((GLOBAL float4 *)x)[i] = quads[j];" },
        { "bits[0] = x.Cast<uint>()[1];", "bits[0] = ((GLOBAL uint_element *)x)[1];" },
        { "quads[i].X = quads[j].W;", "quads[i].x = quads[j].w;" },
        { "quads[i] = new Float4(f, g, 0f, 1f);", "quads[i] = FLOAT4(f, g, 0.0f, 1.0f);" },
        { "var a = LocalMemory.Allocate<float>(Tile / 8); a[i] = f;", "ALIGNED float a[Tile / 8] = {0};\n        a[i] = f;" },
        { "var a = new float[8]; a[i] = f;", "ALIGNED float a[8] = {0};\n        a[i] = f;" },
        {
            "var row = b ? x : x.SubView(4, 4); row = x; row[0] = f;",
            "GLOBAL float *row = b ? x : x + 4;\n        row = x;\n        row[0] = f;"
        },
        { "const int Count = Tile / 2; i = j % Count;", "enum { Count = Tile / 2 };\n        i = j % Count;" },
        // Names that C knows.
        {
            "int kernel = i; float half = f; int exp = kernel; i = exp;",
            "int kernel_ = i;\n        float half_ = f;\n        int exp_ = kernel_;\n        i = exp_;"
        },
        { "int Tile_2 = i; int Twice = Tile_2; i = Twice;", "int Tile_2_ = i;\n        int Twice_ = Tile_2_;\n        i = Twice_;" },
        { "float σ = f; f = σ;", "float u03C3 = f;\n        f = u03C3;" },
    };

    private static string Indented(string text) => "        " + text;
}
