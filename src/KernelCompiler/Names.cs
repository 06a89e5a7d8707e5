using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace P6bNative.KernelCompiler;

/// <summary>
/// C# names as C names. They are kept, except where they would be a word of C, C++, OpenCL C or CUDA C or of a prelude, or would hide
/// what the text calls: a <c>_</c> is added there.
/// </summary>
internal static class Names
{
    private const string Words =
        "alignas alignof and and_eq asm atomic auto bitand bitor bool break case catch char class compl const const_cast constexpr continue "
        + "decltype default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long "
        + "mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast restrict "
        + "return short signed sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef typeid "
        + "typename typeof union unsigned using virtual void volatile wchar_t while xor xor_eq half quad complex imaginary uchar ushort uint "
        + "ulong size_t ptrdiff_t intptr_t uintptr_t global local constant kernel generic pipe read_only write_only read_write event_t "
        + "sampler_t image1d_t image2d_t image3d_t threadIdx blockIdx blockDim gridDim warpSize float4 float16 make_float4 main linux unix "
        + "INFINITY NAN NULL barrier fma exp log tanh erf sqrt fabs expf logf tanhf erff fabsf as_uint as_float get_local_id get_local_size "
        + "get_group_id get_num_groups";

    private static readonly HashSet<string> _reserved = new(
        Words.Split(' ').Concat(Regex.Matches(Prelude.OpenCl + Prelude.Cuda, @"(?m)^(?:#define (\w+)|FUNCTION \w+ (\w+)|typedef .* (\w+);)")
            .Cast<Match>().SelectMany(match => match.Groups.Cast<Group>().Skip(1)).Select(group => group.Value)),
        StringComparer.Ordinal);

    /// <summary>Name of a function, constant or type of the program.</summary>
    public static string Global(string name)
    {
        string ascii = Ascii(name);
        // Built-in functions begin in lower case.
        return char.IsLower(ascii[0]) || _reserved.Contains(ascii) ? ascii + "_" : ascii;
    }

    /// <summary>Name of a struct's field.</summary>
    public static string Field(IFieldSymbol field) => Ascii(field.Name) is var name && _reserved.Contains(name) ? name + "_" : Ascii(field.Name);

    /// <summary>True for a name that no local may have.</summary>
    public static bool IsReserved(string name) => _reserved.Contains(name);

    /// <summary>C# allows letters of all scripts, OpenCL C does not.</summary>
    public static string Ascii(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (char c in name)
            text.Append(c < 128 ? c.ToString() : $"u{(int)c:X4}");
        return text.ToString();
    }
}

/// <summary>Names of the locals and parameters of one function: different names stay different.</summary>
/// <param name="members">Names that a class's functions and constants have.</param>
internal sealed class LocalNames(ICollection<string> members)
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>C name of a local or parameter.</summary>
    public string Of(ISymbol symbol)
    {
        if (_names.TryGetValue(symbol.Name, out string? known))
            return known;
        string name = Names.Ascii(symbol.Name);
        // Names with an underscore inside are those of the program: Class_Function, Kernel_constant, parameter_memory.
        if (name.TrimStart('_').IndexOf('_') >= 0 || Names.IsReserved(name) || members.Contains(name))
            name += "_";
        while (!_used.Add(name))
            name += "_";
        _names[symbol.Name] = name;
        return name;
    }
}
