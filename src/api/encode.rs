//! A request that may be sent, in the words of the API: one ordered list of parameters, printed as JSON.

use serde_json::Value;

use crate::api::http::HttpRequest;
use crate::domain::provider::Address;
use crate::domain::request::ValidRequest;
use crate::domain::secret::Secret;

/// `POST images/generations`. Every value that the request holds is sent explicitly; what its model lacks is left out.
#[must_use]
pub fn generation(request: &ValidRequest, address: &Address, key: Option<&Secret>) -> HttpRequest {
    let url = address.endpoint("images/generations");
    HttpRequest::post_json(url, key.cloned(), json(&parameters(request)))
}

/// `GET models`: costs nothing, and says whether the address answers and the key is taken.
#[must_use]
pub fn models(address: &Address, key: Option<&Secret>) -> HttpRequest {
    HttpRequest::get(address.endpoint("models"), key.cloned())
}

/// A name of the API and its value: a text, a number or a flag, so that JSON and form fields are two printers of one list.
type Parameter = (&'static str, Value);

fn parameters(request: &ValidRequest) -> Vec<Parameter> {
    let streamed = request.partial_images();
    [
        ("model", Some(request.model().into())),
        ("prompt", Some(request.prompt().into())),
        ("n", Some(request.n().into())),
        ("size", Some(request.size().to_string().into())),
        ("quality", request.quality().map(Value::from)),
        ("background", request.background().map(Value::from)),
        ("output_format", request.output_format().map(Value::from)),
        (
            "output_compression",
            request.output_compression().map(Value::from),
        ),
        ("moderation", request.moderation().map(Value::from)),
        ("complexity", request.complexity().map(Value::from)),
        ("style", request.style().map(Value::from)),
        (
            "response_format",
            request.response_format().map(Value::from),
        ),
        ("stream", streamed.map(|_| true.into())),
        ("partial_images", streamed.map(Value::from)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

fn json(parameters: &[Parameter]) -> Vec<u8> {
    let members: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", members.join(",")).into_bytes()
}
