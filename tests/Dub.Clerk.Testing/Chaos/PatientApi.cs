using System.Net;
using System.Net.Http.Json;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>Calls to a host that may be about to find its store again: one that answers 503 is asked once more.</summary>
internal static class PatientApi
{
    public static async Task<T> GetPatientlyAsync<T>(this HttpClient api, string address)
    {
        T? answer = default;
        await Poll.UntilAsync(
            async () =>
            {
                using var response = await api.GetAsync(address);
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    return false;
                }

                response.EnsureSuccessStatusCode();
                answer = await response.Content.ReadFromJsonAsync<T>();
                return true;
            },
            $"{address} is answered");
        return answer!;
    }

    public static Task PostPatientlyAsync<T>(this HttpClient api, string address, T body) => Poll.UntilAsync(
        async () =>
        {
            using var response = await api.PostAsJsonAsync(address, body);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                return false;
            }

            response.EnsureSuccessStatusCode();
            return true;
        },
        $"{address} is taken");
}
